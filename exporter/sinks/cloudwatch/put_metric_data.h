// MetricDatum values as bodies of PutMetricData requests, in the form encoding of CloudWatch's
// Query protocol. Pure.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/sinks/cloudwatch/metric_data.h"

namespace chatscale {

inline constexpr std::size_t kMostData = 1000;        // in one request
inline constexpr std::size_t kMostBytes = 1'000'000;  // of one request, before compression

// As many as the limits ask for, none without data.
std::vector<std::string> PutMetricDataForms(std::string_view name_space,
                                            const std::vector<MetricDatum>& data,
                                            bool high_resolution);

// The same for people, and for `aws cloudwatch put-metric-data --cli-input-json`: one request with
// all data, in JSON.
std::string PutMetricDataJson(std::string_view name_space, const std::vector<MetricDatum>& data,
                              bool high_resolution);

}  // namespace chatscale
