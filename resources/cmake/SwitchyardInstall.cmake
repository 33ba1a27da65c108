# What `cmake --install` puts on a machine: the program and its shell completion, the demo model with
# prompts and tasks, the documents. Included last, so that the targets are known.
if(TARGET switchyard)
  install(TARGETS switchyard RUNTIME)
  set(completion ${CMAKE_BINARY_DIR}/switchyard-completion)
  install(CODE "execute_process(COMMAND \"$<TARGET_FILE:switchyard>\" completion bash
    OUTPUT_FILE \"${completion}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME switchyard)
endif()
if(TARGET switchyard-studio)
  install(TARGETS switchyard-studio RUNTIME)
  install(FILES resources/desktop/switchyard-studio.desktop
    DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
  install(FILES resources/desktop/switchyard.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages)
  install(FILES resources/desktop/switchyard-studio.svg
    DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
  install(FILES resources/icons/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.bootstrap-icons)
endif()
install(DIRECTORY data/demo-model data/experiments data/prompts data/recipes data/tasks
  DESTINATION ${CMAKE_INSTALL_DATADIR}/switchyard)
install(FILES resources/report/LICENSE-vega.txt DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(DIRECTORY resources/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
