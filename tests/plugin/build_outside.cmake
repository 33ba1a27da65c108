# Writes, builds and tests one project against the SDK under OUTSIDE/prefix.
set(project ${OUTSIDE}/my-${KIND})
file(REMOVE_RECURSE ${project})
execute_process(COMMAND ${TOOL} ${KIND} my-${KIND} ${project} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${project} -B ${project}/build -G Ninja
    -DCMAKE_PREFIX_PATH=${OUTSIDE}/prefix -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS=-Werror" --no-warn-unused-cli
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${project}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${project}/build --no-tests=error --output-on-failure
  COMMAND_ERROR_IS_FATAL ANY)
