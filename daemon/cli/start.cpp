// zeld start: from what the user says to a running node.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/cli/admin_client.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/configuration_directory.hpp"
#include "daemon/cli/detach.hpp"
#include "daemon/cli/serve.hpp"
#include "daemon/config.hpp"

extern char** environ;

namespace zel::cli {

namespace {

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

struct Wish {
  daemon::Entries flags;
  std::string config_file;  // --config
  bool detach = false;
};

std::string default_config_file() { return configuration_directory() + "/zeld.toml"; }

base::Result<daemon::Entries> entries_of_file(const std::string& given) {
  const std::string path = given.empty() ? default_config_file() : given;
  std::ifstream file(path);
  std::error_code error;
  if (!file || std::filesystem::is_directory(path, error)) {
    // Not having the default one is normal; not being allowed to read it is not.
    if (given.empty() && !std::filesystem::exists(path, error)) return daemon::Entries{};
    return base::fail(base::Errc::bad_option, (given.empty() ? "" : "--config: ") + ("cannot read " + path));
  }
  std::ostringstream text;
  text << file.rdbuf();
  return daemon::entries_from_toml(text.str(), given.empty() ? path : given);
}

/// A daemon does not stay where it was started.
void make_absolute(std::string& path) {
  if (!path.empty()) path = std::filesystem::absolute(path).lexically_normal().string();
  if (path.size() > 1 && path.back() == '/') path.pop_back();
}

base::Result<daemon::Configuration> configuration_of(const Wish& wish) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry; ++entry) variables.emplace_back(*entry);
  const auto file = entries_of_file(wish.config_file);
  if (!file) return tl::unexpected(file.error());
  auto configuration =
      daemon::make_configuration(daemon::merge({wish.flags, daemon::entries_from_environment(variables), *file}));
  if (!configuration) return configuration;
  if (configuration->runtime_directory.empty()) configuration->runtime_directory = default_directory();
  if (configuration->name.empty()) {
    const std::string host = host_name();
    configuration->name = host.substr(0, std::min(host.find('.'), wire::overlay::max_name_bytes));
  }
  for (auto* path : {&configuration->runtime_directory, &configuration->realm_key_file, &configuration->log_file}) {
    make_absolute(*path);
  }
  return configuration;
}

int start(const Wish& wish) {
  // Descriptors 0, 1 and 2 exist, whatever we were started with.
  for (int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC); fd >= 0; fd = ::open("/dev/null", O_RDWR | O_CLOEXEC)) {
    if (fd <= 2) continue;
    ::close(fd);
    break;
  }
  const auto configuration = configuration_of(wish);
  if (!configuration) return complain(configuration.error());
  if (!wish.detach) {
    const auto served = serve(*configuration, {registry_directory(), false}, [](const std::string&, const std::string&) {});
    return served ? 0 : complain(served.error());
  }
  auto side = detach();
  if (const int* status = std::get_if<int>(&side)) return *status;
  auto& parent = std::get<Parent>(side);
  const auto served = serve(*configuration, {registry_directory(), true},
                            [&parent](const std::string& line, const std::string& log) { parent.ready(line, log); });
  if (served) return 0;
  const int status = status_of(served.error());
  parent.failed(served.error().text, status);
  return status;
}

}  // namespace

void add_start(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("start", "Run a node on this machine");
  auto wish = std::make_shared<Wish>();
  command->add_flag("--detach", wish->detach, "Return when the node is ready; it goes on in the background");
  command->add_option("--config", wish->config_file,
                      "A TOML file with these settings (default: $XDG_CONFIG_HOME/zel/zeld.toml, if there)")
      ->option_text("FILE");
  std::vector<CLI::Option*> options;
  for (const daemon::SettingSpec& spec : daemon::setting_table()) {
    CLI::Option* option = command->add_option(
        std::string(spec.flag), [](const CLI::results_t&) { return true; }, std::string(spec.help));
    option->option_text(std::string(spec.value))->allow_extra_args(false);
    options.push_back(option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll));
  }
  command->footer(
      "Every option but --detach and --config can also be set in the environment (ZEL_NAME, ZEL_LISTEN, ZEL_PEER, "
      "ZEL_CORES, ZEL_LABELS, ZEL_RUNTIME_DIR, ZEL_PRESET, ZEL_REALM_KEY, ZEL_LOG_LEVEL, ZEL_LOG_FORMAT, "
      "ZEL_LOG_FILE; lists with commas) and in the file. Options win over the environment, which wins over the file.\n\n"
      "SIGTERM and Ctrl-C stop the node in order: jobs get 5 seconds; a second one stops it at once.\n\n"
      "Exit status:\n  0  the node has stopped; with --detach: it is ready\n  1  it could not be started\n"
      "  2  the options make no sense");
  command->callback([wish, options, &run] {
    for (std::size_t i = 0; i < options.size(); ++i) {
      const daemon::SettingSpec& spec = daemon::setting_table()[i];
      if (options[i]->count() > 0) wish->flags.push_back({spec.id, options[i]->results(), std::string(spec.flag)});
    }
    run = [wish] { return start(*wish); };
  });
}

}  // namespace zel::cli
