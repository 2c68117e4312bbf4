#include "daemon/io/host_resources.hpp"

#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace zel::io {

schedule::Resources host_resources(const std::string& directory) {
  schedule::Resources resources;
  const long pages = ::sysconf(_SC_PHYS_PAGES), page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_bytes > 0) {
    resources.memory_bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
  }
  struct statvfs disk {};
  if (::statvfs(directory.c_str(), &disk) == 0) resources.disk_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  utsname system{};
  if (::uname(&system) == 0) {
    resources.architecture = system.machine;
    resources.system = system.sysname;
  }
  return resources;
}

}  // namespace zel::io
