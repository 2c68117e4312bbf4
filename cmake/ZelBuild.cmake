# How every target is built: language level, warnings as errors, sanitizers, one folder for the binaries.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
# One run path for the build tree and for an installation; padding a path to be replaced later would leave
# empty entries in it, which mean the current directory.
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};$ORIGIN/../lib")

find_program(ZEL_CCACHE ccache)
if(ZEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only with these.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${ZEL_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${ZEL_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(ZEL_FOR_CCACHE -fpch-preprocess)
  endif()
endif()

set(ZEL_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
                 -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
# GCC 12 sees uninitialised bytes in the unused part of every std::variant and std::optional it inlines.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND ZEL_WARNINGS -Wno-maybe-uninitialized)
endif()
if(ZEL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ZEL_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ZEL_SANITIZE STREQUAL "thread")
  # GCC warns that the sanitizer does not model stand-alone fences; the shared-memory doorbell uses one
  # between processes, which the sanitizer does not see at all.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  add_link_options(-fsanitize=thread)
elseif(ZEL_SANITIZE)
  message(FATAL_ERROR "ZEL_SANITIZE is '${ZEL_SANITIZE}': use address, thread or nothing")
endif()

# Warnings belong to our sources, not to the vendors' headers (those are SYSTEM includes).
function(zel_target_defaults target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${ZEL_WARNINGS}>)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()

# zel_folder(<target> SOURCES ... DEPENDS ...): one folder, one static library.
function(zel_folder target)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    zel_target_defaults(${target})
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(${target} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(${target} INTERFACE ${arg_DEPENDS})
  endif()
endfunction()

# zel_heavy_headers(<target> <header> ...): vendors' headers that most sources of the target include, read once.
function(zel_heavy_headers target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  target_compile_options(${target} PRIVATE ${ZEL_FOR_CCACHE})
endfunction()

# zel_program(<name> SOURCES ... DEPENDS ...): an executable in bin/.
function(zel_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  zel_target_defaults(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS})
endfunction()

# zel_objects(<target> ...): one folder of libzel. Object files rather than an archive, so that the shared
# library keeps what only its users call, and unit tests can link the parts it hides.
function(zel_objects target)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(${target} OBJECT ${arg_SOURCES})
  zel_target_defaults(${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                              $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/libzel/include>)
  target_link_libraries(${target} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
endfunction()
