// Why: see driver_loader.hpp.
#include "libzel/net/driver_loader.hpp"

#include <dlfcn.h>

namespace zel::net {

namespace {

/// The folder of the object that holds this very code: libzel, or a program that has it inside.
std::string own_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&load_driver), &info) == 0 || !info.dli_fname) return {};
  const std::string path = info.dli_fname;
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

std::unique_ptr<LinkDriver> load_driver(const std::vector<std::string>& addresses, std::string& why) {
  constexpr const char* name = "libzel-direct.so";
  const std::string folder = own_folder();
  void* object = nullptr;
  for (const std::string& path : {folder + "/" + name, folder + "/../lib/" + name, std::string(name)}) {
    object = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (object) break;
    if (const char* error = ::dlerror(); error && why.empty()) why = error;
  }
  if (!object) return nullptr;
  why.clear();
  const auto open = reinterpret_cast<OpenDriver>(::dlsym(object, open_driver_symbol));
  if (!open) {
    why = std::string(name) + " is of another version";
    return nullptr;
  }
  return std::unique_ptr<LinkDriver>(open(addresses, why));
}

}  // namespace zel::net
