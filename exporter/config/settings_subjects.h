// The rows of each subject, in the order of the README's table.
#pragma once

#include <vector>

#include "exporter/config/settings.h"

namespace chatscale {

std::vector<Setting> CollectSettings();  // mode, listener, beat
std::vector<Setting> ProxySettings();
std::vector<Setting> RedisSettings();
std::vector<Setting> PostgresSettings();
std::vector<Setting> DemoSettings();
std::vector<Setting> AdviceSettings();  // policy, state, decisions
std::vector<Setting> OutputSettings();  // the beat of exports, files, labels, log
std::vector<Setting> NamingSettings();
std::vector<Setting> PushgatewaySettings();
std::vector<Setting> CloudWatchSettings();
std::vector<Setting> OtlpSettings();

}  // namespace chatscale
