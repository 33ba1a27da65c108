# Installs the build tree BUILD into an empty folder PREFIX and looks for what a user needs; PROGRAM,
# and STUDIO, if given, must run from there.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX}
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
set(needed share/switchyard/demo-model/config.json share/switchyard/demo-model/tokenizer.json
  share/switchyard/prompts share/switchyard/tasks share/doc/Switchyard/LICENSE)
if(PROGRAM)
  list(APPEND needed ${PROGRAM} share/bash-completion/completions/switchyard)
endif()
if(STUDIO)
  list(APPEND needed ${STUDIO} share/applications/switchyard-studio.desktop share/switchyard/recipes
    share/icons/hicolor/scalable/apps/switchyard-studio.svg)
endif()
foreach(name IN LISTS needed)
  if(NOT EXISTS ${PREFIX}/${name})
    message(FATAL_ERROR "not installed: ${name}")
  endif()
endforeach()
if(PROGRAM)
  execute_process(COMMAND ${PREFIX}/${PROGRAM} --help OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${PREFIX}/${PROGRAM} info ${PREFIX}/share/switchyard/demo-model
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()
if(STUDIO)
  execute_process(COMMAND ${PREFIX}/${STUDIO} --version OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()
if(PROGRAM AND STUDIO)
  # The command line finds the window's renderer where it is installed.
  file(WRITE ${PREFIX}/analysis.json [=[{"program": "switchyard", "command": "", "trace": "", "notices": [],
    "results": {"load": {"provenance": {"analyzer": "load", "version": "1", "formula": "", "filter": "",
      "sequences": 0, "tokens": 0, "options": {}}, "headlines": [], "findings": ["Found."], "warnings": [],
      "tables": [], "figures": []}}}]=])
  execute_process(COMMAND ${PREFIX}/${PROGRAM} report ${PREFIX}/analysis.json --out ${PREFIX}/report.pdf
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${PREFIX}/report.pdf start LIMIT 8)
  if(NOT start MATCHES "^%PDF-1")
    message(FATAL_ERROR "report.pdf is no PDF: ${start}")
  endif()
endif()
