// Why: what a node said, for people and for programs. Pure; the subcommands print it.
#pragma once

#include <string>

#include "wire/admin.hpp"

namespace zel::cli {

std::string status_text(const wire::admin::Status& status);
std::string nodes_text(const wire::admin::Nodes& nodes);
std::string jobs_text(const wire::admin::Jobs& jobs);
std::string paths_text(const wire::admin::Paths& paths);

// JSON, indented, with a "version" that becomes another number when a field changes its meaning or goes.
std::string status_json(const wire::admin::Status& status);
std::string nodes_json(const wire::admin::Nodes& nodes);
std::string jobs_json(const wire::admin::Jobs& jobs);
std::string paths_json(const wire::admin::Paths& paths);

}  // namespace zel::cli
