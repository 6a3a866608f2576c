# The library as others use it: find_package(ovfkit), pkg-config ovfkit.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ovfkit)

install(TARGETS ovfkit EXPORT ovfkitTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT ovfkitTargets NAMESPACE ovfkit:: DESTINATION ${package_dir})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ovfkitConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/ovfkitConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ovfkitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ovfkitConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ovfkitConfigVersion.cmake
  DESTINATION ${package_dir})

# Found from where the .pc file lies, so that the prefix may be moved.
file(RELATIVE_PATH OVFKIT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" OVFKIT_PC_PREFIX "${OVFKIT_PC_PREFIX}")
set(OVFKIT_PC_CFLAGS "")
if(NOT BUILD_SHARED_LIBS)
  set(OVFKIT_PC_CFLAGS " -DOVFKIT_STATIC_DEFINE")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/ovfkit.pc.in ${CMAKE_CURRENT_BINARY_DIR}/ovfkit.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ovfkit.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
