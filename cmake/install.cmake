# What `cmake --install` lays down: the program, and the files that it ships for others.
include(GNUInstallDirs)
install(TARGETS chatscale)
install(FILES rules/alerts.yml rules/policy.yml rules/recording.yml rules/recommender.yml
              rules/slo.yml rules/alertmanager.yml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/chatscale/rules)
install(FILES recommender/policies/documented.yaml recommender/policies/responsive.yaml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/chatscale/policies)
install(FILES dashboards/overview.json dashboards/ingress.json dashboards/proc.json
              dashboards/exporter.json
        DESTINATION ${CMAKE_INSTALL_DATADIR}/chatscale/dashboards)
install(FILES deploy/systemd/chatscale.service DESTINATION ${CMAKE_INSTALL_DATADIR}/chatscale/systemd)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
