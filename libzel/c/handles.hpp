// Why: what the handles of zel.h are.
#pragma once

#include "zel.h"
#include "zel/group.hpp"
#include "zel/job.hpp"
#include "zel/request.hpp"

struct zel_job {
  zel::Job job;
};
struct zel_request {
  zel::Request request;
};
struct zel_group {
  zel::Group group;
};
