# find_package(rt0) defines
#
#   rt0::rt0                the header, and librt0.a for executables
#   RT0_LDWRAP, RT0_ELFPATCH  the tools
#   rt0_library(<target> [INIT <symbol>] [GATE <glob>...] [NO_GATE <glob>...])
#                           The shared library or module <target> starts its runtime by itself when it is loaded.
#                           <symbol> initialises it; without INIT that is rt0_runtime_init. Options of ldwrap(1)
#                           that have no word here go through target_link_options.

get_filename_component(_rt0_prefix "${CMAKE_CURRENT_LIST_DIR}/@UP@/.." ABSOLUTE)
set(RT0_LDWRAP "${_rt0_prefix}/bin/ldwrap")
set(RT0_ELFPATCH "${_rt0_prefix}/bin/elfpatch")

if(NOT TARGET rt0::rt0)
  add_library(rt0::rt0 STATIC IMPORTED)
  set_target_properties(rt0::rt0 PROPERTIES
    IMPORTED_LOCATION "${_rt0_prefix}/@LIBDIR@/librt0.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_rt0_prefix}/include")
endif()
unset(_rt0_prefix)

function(rt0_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "INIT" "GATE;NO_GATE")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "rt0_library(${target}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TARGET "${target}")
    message(FATAL_ERROR "rt0_library: '${target}' is not a target")
  endif()
  get_target_property(type "${target}" TYPE)
  if(NOT type MATCHES "^(SHARED|MODULE)_LIBRARY$")
    message(FATAL_ERROR "rt0_library: '${target}' is no shared library or module (${type})")
  endif()

  set(options --rt0=on)
  if(arg_INIT)
    list(APPEND options "--rt0-init=${arg_INIT}")
  endif()
  foreach(glob IN LISTS arg_GATE)
    list(APPEND options "--rt0-gate=${glob}")
  endforeach()
  foreach(glob IN LISTS arg_NO_GATE)
    list(APPEND options "--rt0-no-gate=${glob}")
  endforeach()
  target_link_options("${target}" PRIVATE ${options})

  if(CMAKE_VERSION VERSION_LESS 3.21)
    set_target_properties("${target}" PROPERTIES RULE_LAUNCH_LINK "\"${RT0_LDWRAP}\"")
  else()
    foreach(language IN ITEMS C CXX Fortran OBJC OBJCXX)
      set_target_properties("${target}" PROPERTIES ${language}_LINKER_LAUNCHER "${RT0_LDWRAP}")
    endforeach()
  endif()
  target_link_libraries("${target}" PRIVATE rt0::rt0)
endfunction()
