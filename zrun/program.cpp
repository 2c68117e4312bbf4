#include "zrun/program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace zel::zrun {
namespace {

using base::Errc;

constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";

enum class Kind { program, plain_file, directory, unreadable, missing };

Kind kind_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? Kind::missing : Kind::unreadable;
  }
  if (S_ISDIR(info.st_mode)) return Kind::directory;
  const bool may = S_ISREG(info.st_mode) && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
  return may ? Kind::program : Kind::plain_file;
}

std::string absolute(std::string_view path, const std::string& directory) {
  while (path.substr(0, 2) == "./") path.remove_prefix(2);
  if (!path.empty() && path.front() == '/') return std::string(path);
  const bool has_slash = !directory.empty() && directory.back() == '/';
  return directory + (has_slash ? "" : "/") + std::string(path);
}

tl::unexpected<base::Error> not_executable(const std::string& path) {
  return base::fail(Errc::not_executable,
                    "cannot execute " + path + ": it has no execute permission; try chmod +x " + path);
}

base::Result<std::string> resolve_path(const std::string& name, const std::string& directory) {
  const std::string path = absolute(name, directory);
  switch (kind_of(path)) {
    case Kind::program: return path;
    case Kind::plain_file: return not_executable(path);
    case Kind::directory:
      return base::fail(Errc::not_executable,
                        "cannot execute " + path + ": it is a directory; name a program in it");
    case Kind::unreadable:
      return base::fail(Errc::not_executable, "cannot execute " + path + ": " + std::strerror(errno));
    case Kind::missing: break;
  }
  return base::fail(Errc::program_not_found, "there is no " + path + "; check the name, or --wdir");
}

std::vector<std::string_view> entries(std::string_view path) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto colon = path.find(':');
    out.push_back(path.substr(0, colon));
    if (colon == std::string_view::npos) return out;
    path.remove_prefix(colon + 1);
  }
}

}  // namespace

int exit_status_of(base::Errc code) {
  if (code == Errc::program_not_found) return exit_status::program_not_found;
  if (code == Errc::not_executable) return exit_status::not_executable;
  return exit_status::own_failure;
}

base::Result<std::string> resolve_program(const std::string& name, std::string_view path,
                                          const std::string& directory) {
  if (name.empty()) {
    return base::fail(Errc::program_not_found, "the name of the program is empty; try: zrun -n 4 ./app");
  }
  if (name.find('/') != std::string::npos) return resolve_path(name, directory);

  std::string unusable;  // found, but not executable: only worth telling when no later entry has it
  for (const std::string_view entry : entries(path.empty() ? default_path : path)) {
    const std::string candidate = absolute(entry.empty() ? name : std::string(entry) + '/' + name, directory);
    const Kind kind = kind_of(candidate);
    if (kind == Kind::program) return candidate;
    if (kind == Kind::plain_file && unusable.empty()) unusable = candidate;
  }
  if (!unusable.empty()) return not_executable(unusable);
  const Kind here = kind_of(absolute(name, directory));
  if (here == Kind::program || here == Kind::plain_file) {
    return base::fail(Errc::program_not_found, name + " is not in PATH; did you mean ./" + name + "?");
  }
  return base::fail(Errc::program_not_found,
                    name + " is not in PATH; check the name, or give a path, as in ./" + name);
}

}  // namespace zel::zrun
