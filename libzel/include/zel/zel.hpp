// Why: one include for programs that do not mind.
#pragma once

#include "zel/error.hpp"
#include "zel/group.hpp"
#include "zel/job.hpp"
#include "zel/membership.hpp"
#include "zel/messages.hpp"
#include "zel/pack.hpp"
#include "zel/parallel.hpp"
#include "zel/shared.hpp"
#include "zel/task.hpp"
