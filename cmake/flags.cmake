# Flags for our own code, carried by one interface target that every folder links privately.
add_library(chatscale_warnings INTERFACE)
target_compile_options(chatscale_warnings INTERFACE
  # Designated initializers leave fields at their defaults on purpose.
  -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  $<IF:$<CXX_COMPILER_ID:GNU>,-Wcast-align=strict,-Wcast-align>
  $<$<BOOL:${CHATSCALE_WARNINGS_AS_ERRORS}>:-Werror>)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Bounds of the standard library are checked, in what is shipped too.
add_compile_definitions(_GLIBCXX_ASSERTIONS)

if(CHATSCALE_SANITIZERS)
  add_compile_options(-fsanitize=${CHATSCALE_SANITIZERS} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CHATSCALE_SANITIZERS})
  if(CHATSCALE_SANITIZERS MATCHES address)
    # A quarter of what compiling costs, and the address sanitizer finds both as well.
    add_compile_options(-fno-sanitize=null,object-size)
    # Costs as much. The fuzzers (clang) have it, where bytes are parsed; -Wcast-align everything else.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fno-sanitize=alignment>)
  endif()
else()
  add_compile_options(-fstack-protector-strong
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  include(CheckCXXCompilerFlag)
  foreach(flag stack-clash-protection cf-protection)  # the second on x86 only
    string(MAKE_C_IDENTIFIER CHATSCALE_HAS_${flag} has)
    check_cxx_compiler_flag(-f${flag} ${has})
    if(${has})
      add_compile_options(-f${flag})
    endif()
  endforeach()
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
