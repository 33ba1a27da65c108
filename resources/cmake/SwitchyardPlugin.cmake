# switchyard_add_plugin(<name> SOURCES <files> SIDECAR <name>.plugin.json [LIBS <targets>] [NO_INSTALL])
# A plugin: module library <name>.so that exports sy_plugin_entry and nothing else, with its sidecar
# copied beside it into SWITCHYARD_PLUGIN_OUTPUT_DIR (default: plugins/ of the build tree), and both
# installed where the program looks for plugins, below CMAKE_INSTALL_PREFIX.
set(SWITCHYARD_PLUGIN_EXPORTS "${CMAKE_CURRENT_LIST_DIR}/plugin_exports.map")

function(switchyard_add_plugin name)
  cmake_parse_arguments(ARG "NO_INSTALL" "SIDECAR" "SOURCES;LIBS" ${ARGN})
  if(NOT SWITCHYARD_PLUGIN_OUTPUT_DIR)
    set(SWITCHYARD_PLUGIN_OUTPUT_DIR "${CMAKE_BINARY_DIR}/plugins")
  endif()
  get_filename_component(sidecar "${ARG_SIDECAR}" ABSOLUTE)
  get_filename_component(sidecar_name "${ARG_SIDECAR}" NAME)
  set(copied "${SWITCHYARD_PLUGIN_OUTPUT_DIR}/${sidecar_name}")
  add_custom_command(OUTPUT "${copied}" DEPENDS "${sidecar}"
    COMMAND ${CMAKE_COMMAND} -E make_directory "${SWITCHYARD_PLUGIN_OUTPUT_DIR}"
    COMMAND ${CMAKE_COMMAND} -E copy "${sidecar}" "${copied}" VERBATIM)
  add_library(${name} MODULE ${ARG_SOURCES} "${copied}")
  target_link_libraries(${name} PRIVATE Switchyard::sdk ${ARG_LIBS})
  if(TARGET sy_options)
    target_link_libraries(${name} PRIVATE sy_options)
  endif()
  # Symbols of static libraries stay inside, so two plugins never meet in the process.
  target_link_options(${name} PRIVATE "LINKER:--version-script=${SWITCHYARD_PLUGIN_EXPORTS}"
    "LINKER:--exclude-libs,ALL")
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS "${SWITCHYARD_PLUGIN_EXPORTS}"
    LIBRARY_OUTPUT_DIRECTORY "${SWITCHYARD_PLUGIN_OUTPUT_DIR}")
  if(NOT ARG_NO_INSTALL)
    include(GNUInstallDirs)
    install(TARGETS ${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/switchyard/plugins)
    install(FILES "${sidecar}" DESTINATION ${CMAKE_INSTALL_LIBDIR}/switchyard/plugins)
  endif()
endfunction()
