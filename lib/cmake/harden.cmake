# What makes a slip in a parser a clean end rather than a foothold: bounds in the C++ library and in the C library's string
# functions checked, stack canaries, no writable function table, addresses not known beforehand. The compiler's part is
# for optimised builds; sanitizers check more than all of it.
if(NOT OVFKIT_HARDEN OR OVFKIT_SANITIZE)
  return()
endif()
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)
check_pie_supported()

set(optimised "$<NOT:$<CONFIG:Debug>>")
foreach(flag IN ITEMS -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  string(MAKE_C_IDENTIFIER "OVFKIT_COMPILES${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    target_compile_options(ovfkit_build INTERFACE $<${optimised}:${flag}>)
  endif()
endforeach()
# Distributions set a level of their own, which a second definition would clash with.
target_compile_options(ovfkit_build INTERFACE "$<${optimised}:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>")
target_compile_definitions(ovfkit_build INTERFACE $<${optimised}:_GLIBCXX_ASSERTIONS>)

foreach(flag IN ITEMS relro now noexecstack separate-code)
  string(MAKE_C_IDENTIFIER "OVFKIT_LINKS_${flag}" known)
  check_linker_flag(CXX "-Wl,-z,${flag}" ${known})
  if(${known})
    target_link_options(ovfkit_build INTERFACE "-Wl,-z,${flag}")
  endif()
endforeach()
