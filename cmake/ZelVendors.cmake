# The libraries of others, each as one target; scripts/packages.txt names the Debian packages.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(hwloc REQUIRED IMPORTED_TARGET hwloc)

# Header-only: msgpack without its Boost parts (users of <zel/pack.hpp> need it too), and tl::expected.
find_path(ZEL_MSGPACK_INCLUDE msgpack.hpp REQUIRED)
add_library(zel_msgpack INTERFACE)
target_compile_definitions(zel_msgpack INTERFACE MSGPACK_NO_BOOST)
target_include_directories(zel_msgpack SYSTEM INTERFACE $<BUILD_INTERFACE:${ZEL_MSGPACK_INCLUDE}>)
find_path(ZEL_EXPECTED_INCLUDE tl/expected.hpp REQUIRED)
pkg_check_modules(libzmq REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(libsodium REQUIRED IMPORTED_TARGET libsodium)
find_package(spdlog REQUIRED)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)

# Boost.Context's switches only, which are a few lines of assembly: from the archive, so that libzel needs no
# Boost library at run time.
find_path(ZEL_BOOST_INCLUDE boost/context/detail/fcontext.hpp REQUIRED)
find_library(ZEL_BOOST_CONTEXT NAMES libboost_context.a REQUIRED)
add_library(zel_boost_context INTERFACE)
target_include_directories(zel_boost_context SYSTEM INTERFACE ${ZEL_BOOST_INCLUDE})
target_link_libraries(zel_boost_context INTERFACE ${ZEL_BOOST_CONTEXT})
