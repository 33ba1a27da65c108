# The JavaScript that draws a report's figures, from the npm registry, checked by hash. Kept in
# SY_DOWNLOAD_DIR, so that a second build asks nobody. Sets SY_REPORT_<NAME> to each file; empty
# files with SY_REPORT_LIBRARIES=OFF (figures are then static).
option(SY_REPORT_LIBRARIES "Fetch and build in the figure libraries of HTML reports" ON)
set(SY_DOWNLOAD_DIR ${CMAKE_BINARY_DIR}/downloads CACHE PATH "Where fetched packages are kept")

function(sy_report_library variable package version hash)
  set(file ${CMAKE_BINARY_DIR}/report/${package}.min.js)
  set(${variable} ${file} PARENT_SCOPE)
  if(NOT SY_REPORT_LIBRARIES)
    file(WRITE ${file} "")
    return()
  endif()
  set(archive ${SY_DOWNLOAD_DIR}/${package}-${version}.tgz)
  set(known "")
  if(EXISTS ${archive})
    file(SHA256 ${archive} known)
  endif()
  if(NOT known STREQUAL hash)
    message(STATUS "Fetching ${package} ${version}")
    file(DOWNLOAD https://registry.npmjs.org/${package}/-/${package}-${version}.tgz ${archive}
      TIMEOUT 120 STATUS status)
    list(GET status 0 code)
    file(SHA256 ${archive} known)
    if(NOT code EQUAL 0 OR NOT known STREQUAL hash)
      file(REMOVE ${archive})
      message(FATAL_ERROR "${package} ${version} could not be fetched (${status}). Put the archive of the "
        "npm registry at ${archive}, or configure with -DSY_REPORT_LIBRARIES=OFF (reports then have "
        "figures without interaction).")
    endif()
  endif()
  file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${CMAKE_BINARY_DIR}/report/${package}
    PATTERNS package/build/${package}.min.js package/LICENSE)
  configure_file(${CMAKE_BINARY_DIR}/report/${package}/package/build/${package}.min.js ${file} COPYONLY)
endfunction()

sy_report_library(SY_REPORT_VEGA vega 5.33.0
  7b61f992d1a1e196e7f2eeb3d6176e5694949d0d4bbfea237a842d523dd6e1f3)
sy_report_library(SY_REPORT_VEGA_LITE vega-lite 5.23.0
  e4cbfdd8f6f1abe381c59cd558fd6a559c12b1496bfdf2e0c3295263a40fe4da)
sy_report_library(SY_REPORT_VEGA_EMBED vega-embed 6.29.0
  ecf1ee709c2bac9e0a4ead6908114b05b62c71493e10a8a4308109bb070f8eb1)
