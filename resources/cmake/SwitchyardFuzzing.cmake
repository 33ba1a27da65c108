# With SY_BUILD_FUZZERS everything is instrumented, so that libFuzzer sees which code an input reaches.
if(SY_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "SY_BUILD_FUZZERS needs clang (preset fuzz)")
  endif()
  set(fuzz_sanitizers address,undefined)
  add_compile_options(-fsanitize=fuzzer-no-link,${fuzz_sanitizers} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${fuzz_sanitizers})
endif()
