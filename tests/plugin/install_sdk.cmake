# Installs the SDK alone into an empty prefix.
file(REMOVE_RECURSE ${OUTSIDE})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${OUTSIDE}/prefix --component sdk
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
