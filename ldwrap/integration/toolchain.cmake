# Every link of a project through ldwrap, with no change to the project:
#
#   cmake -DCMAKE_TOOLCHAIN_FILE=<prefix>/@LIBDIR@/cmake/rt0/toolchain.cmake
#
# Options of ldwrap(1) go into LDWRAP_FLAGS in the environment of the build, or into CMAKE_SHARED_LINKER_FLAGS.
# A toolchain file of one's own is named with -DRT0_CHAINLOAD_TOOLCHAIN_FILE=<file>.

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES RT0_CHAINLOAD_TOOLCHAIN_FILE)
if(RT0_CHAINLOAD_TOOLCHAIN_FILE)
  include("${RT0_CHAINLOAD_TOOLCHAIN_FILE}")
endif()

get_filename_component(_rt0_prefix "${CMAKE_CURRENT_LIST_DIR}/@UP@/.." ABSOLUTE)
if(CMAKE_VERSION VERSION_LESS 3.21)
  set_property(GLOBAL PROPERTY RULE_LAUNCH_LINK "\"${_rt0_prefix}/bin/ldwrap\"")
else()
  foreach(_rt0_language IN ITEMS C CXX Fortran OBJC OBJCXX)
    set(CMAKE_${_rt0_language}_LINKER_LAUNCHER "${_rt0_prefix}/bin/ldwrap")
  endforeach()
  unset(_rt0_language)
endif()
list(APPEND CMAKE_PREFIX_PATH "${_rt0_prefix}")
unset(_rt0_prefix)
