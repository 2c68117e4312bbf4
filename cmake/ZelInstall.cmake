# What an installation has: three programs, the library, its headers, and how CMake and pkg-config find it.
include(CMakePackageConfigHelpers)

install(TARGETS zrun zeld zel-private zel-keeper RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(ZEL_BUILD_EXAMPLES)
  install(TARGETS go-capture nqueens uts RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
# Loaded by libzel when a job has ranks on several hosts; nobody links it.
install(TARGETS zel-direct LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS zel zel_msgpack EXPORT zel-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES libzel/include/zel.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY libzel/include/zel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/zel)
install(EXPORT zel-targets NAMESPACE zel:: DESTINATION ${package_dir})
configure_package_config_file(cmake/zel-config.cmake.in ${PROJECT_BINARY_DIR}/zel-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/zel-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/zel-config.cmake ${PROJECT_BINARY_DIR}/zel-config-version.cmake
        DESTINATION ${package_dir})

file(RELATIVE_PATH zel_prefix_from_pc "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/zel.pc.in ${PROJECT_BINARY_DIR}/zel.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/zel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
