#include "exporter/sources/redis/state/queues.h"

#include <charconv>

#include "exporter/model/snapshot.h"
#include "exporter/sources/json/json_values.h"

namespace chatscale::redis {
namespace {

void ReadNumber(const simdjson::dom::element& field, double most, MaybeNumber& target,
                int& malformed) {
  target = NumberIn(field);
  if (target.has_value() && (*target < 0 || *target > most)) target.reset();
  if (!target.has_value()) ++malformed;
}

}  // namespace

MaybeNumber SizeOf(const Queues& queues, UserType type) {
  const auto i = static_cast<std::size_t>(type);
  if (!queues.ready[i] || !queues.in_flight[i] || !queues.mailbox[i]) return std::nullopt;
  return *queues.ready[i] + *queues.in_flight[i] + *queues.mailbox[i];
}

MaybeNumber SumOf(const PerUserType<MaybeNumber>& sizes) {
  double sum = 0;
  for (const MaybeNumber& size : sizes) {
    if (!size) return std::nullopt;
    sum += *size;
  }
  return sum;
}

MaybeNumber TotalOf(const Queues& queues) {
  PerUserType<MaybeNumber> sizes;
  for (std::size_t i = 0; i < kUserTypeCount; ++i) sizes[i] = SizeOf(queues, UserType{i});
  return SumOf(sizes);
}

MaybeNumber ParseCount(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  if (text.empty()) return 0.0;
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  long long count = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  if (parsed.ec != std::errc() || parsed.ptr != end || count < 0) return std::nullopt;
  const auto number = static_cast<double>(count);
  if (number > kMostCount) return std::nullopt;
  return number;
}

QueueAnalytics ParseAnalytics(TolerantParser& parser, std::string_view json, int& malformed) {
  QueueAnalytics analytics;
  const auto root = parser.Parse(json);
  simdjson::dom::object fields;
  if (!root.has_value() || root->get(fields) != simdjson::SUCCESS) {
    ++malformed;
    return analytics;
  }
  for (const auto [name, field] : fields) {
    if (name == "avg_wait_time") {
      ReadNumber(field, kLongestSeconds, analytics.avg_wait_seconds, malformed);
    }
    if (name == "throughput_last_hour") {
      ReadNumber(field, kMostCount, analytics.throughput, malformed);
    }
  }
  return analytics;
}

MaybeNumber ParseTaskCreated(TolerantParser& parser, std::string_view json) {
  const auto root = parser.Parse(json);
  if (!root.has_value()) return std::nullopt;
  simdjson::dom::element created;
  if (root->at_pointer("/meta/created_at").get(created) != simdjson::SUCCESS) return std::nullopt;
  return NumberIn(created);
}

}  // namespace chatscale::redis
