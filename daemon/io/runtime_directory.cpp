#include "daemon/io/runtime_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "daemon/io/log.hpp"
#include "wire/local_node.hpp"

namespace zel::io {

namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = "/lock";

/// A directory of ours that nobody else can look into.
base::Result<void> make_private(const std::string& path) {
  std::error_code error;
  const mode_t before = ::umask(077);
  fs::create_directories(path, error);
  ::umask(before);
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    return base::fail(base::Errc::system, "cannot make " + path + ": " + (error ? error.message() : "it is gone again"));
  }
  if (!S_ISDIR(info.st_mode)) return base::fail(base::Errc::refused, path + " is not a directory; remove it, or choose another --runtime-dir");
  if (info.st_uid != ::geteuid()) {
    return base::fail(base::Errc::refused, path + " belongs to somebody else; choose another --runtime-dir");
  }
  if ((info.st_mode & 077) != 0) {
    return base::fail(base::Errc::refused, path + " is open to other users; choose another --runtime-dir" +
                                               ((info.st_mode & 022) != 0 ? std::string()
                                                                          : ", or close it with chmod 700 " + path));
  }
  return {};
}

bool is_still_at(const base::UniqueFd& file, const std::string& path) {
  struct stat ours {}, there {};
  return ::fstat(file.get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
         ours.st_ino == there.st_ino;
}

int pid_in(int file) {
  char text[16] = "";
  const ssize_t got = ::pread(file, text, sizeof text - 1, 0);
  return got > 0 ? static_cast<int>(std::strtol(text, nullptr, 10)) : 0;
}

base::Result<base::UniqueFd> lock(const std::string& path) {
  const std::string file_path = path + lock_name;
  for (int attempt = 0; attempt < 100; ++attempt) {
    base::UniqueFd file(::open(file_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return base::fail_errno("cannot open " + file_path, errno);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return base::fail_errno("cannot lock " + file_path, errno);
      const int pid = pid_in(file.get());
      return base::fail(base::Errc::refused, "a node already runs here (" + (pid > 0 ? "pid " + std::to_string(pid) + ", " : std::string()) +
                                                 path + "); end it with 'zeld stop', or choose another --runtime-dir");
    }
    // The node before us removes its lock as the last thing; what we hold may be that.
    if (!is_still_at(file, file_path)) continue;
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
      return base::fail_errno("cannot write " + file_path, errno);
    }
    return file;
  }
  return base::fail(base::Errc::system, file_path + " keeps vanishing");
}

}  // namespace

base::Result<RuntimeDirectory> RuntimeDirectory::open(const std::string& path, const std::string& registry) {
  const std::size_t longest = path.size() + 1 + wire::admin_socket_name.size();
  if (longest > wire::max_socket_path_bytes) {
    return base::fail(base::Errc::bad_option, "the path of the runtime directory " + path + " is too long for the sockets in it (" +
                                                  std::to_string(longest) + " bytes, at most " +
                                                  std::to_string(wire::max_socket_path_bytes) + "); choose a shorter --runtime-dir");
  }
  if (auto made = make_private(path); !made) return tl::unexpected(made.error());
  auto locked = lock(path);
  if (!locked) return tl::unexpected(locked.error());
  return RuntimeDirectory(path, registry, std::move(*locked));
}

RuntimeDirectory::RuntimeDirectory(std::string path, std::string registry, base::UniqueFd lock)
    : path_(std::move(path)), registry_(std::move(registry)), lock_(std::move(lock)) {}

std::string RuntimeDirectory::run_socket() const { return path_ + "/" + std::string(wire::run_socket_name); }
std::string RuntimeDirectory::admin_socket() const { return path_ + "/" + std::string(wire::admin_socket_name); }

base::Result<void> RuntimeDirectory::enter(const std::vector<wire::overlay::Address>& addresses) {
  for (const std::string& each : {fs::path(registry_).parent_path().string(), registry_}) {
    if (auto made = make_private(each); !made) return made;
  }
  std::error_code error;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(registry_, error)) {
    const std::string target = fs::read_symlink(entry.path(), error).string();
    if (target == path_ || node_running_in(target) == 0) stale.push_back(entry.path());
  }
  for (const auto& link : stale) fs::remove(link, error);
  for (const auto& address : addresses) {
    const std::string link = registry_ + "/" + wire::registry_entry(address);
    if (::symlink(path_.c_str(), link.c_str()) == 0) links_.push_back(link);
  }
  return {};
}

RuntimeDirectory::~RuntimeDirectory() {
  if (!lock_) return;  // moved from
  std::error_code error;
  for (const std::string& link : links_) fs::remove(link, error);
  for (const std::string& file : {run_socket(), admin_socket(), log_file(), moved_aside(log_file()), path_ + lock_name}) {
    ::unlink(file.c_str());
  }
  // Each only if nothing is in it any more.
  for (const std::string& directory : {registry_, fs::path(registry_).parent_path().string(), path_}) {
    ::rmdir(directory.c_str());
  }
}

int node_running_in(const std::string& path) {
  base::UniqueFd file(::open((path + lock_name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || ::flock(file.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) return 0;
  return pid_in(file.get());
}

}  // namespace zel::io
