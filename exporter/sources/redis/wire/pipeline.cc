#include "exporter/sources/redis/wire/pipeline.h"

#include <charconv>

namespace chatscale::redis {
namespace {

void AppendHeader(std::string& out, char type, std::size_t count) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), count).ptr;
  out.push_back(type);
  out.append(digits, end);
  out.append("\r\n");
}

}  // namespace

void Pipeline::Add(std::span<const std::string_view> arguments) {
  AppendHeader(bytes_, '*', arguments.size());
  for (const std::string_view argument : arguments) {
    AppendHeader(bytes_, '$', argument.size());
    bytes_.append(argument);
    bytes_.append("\r\n");
  }
  ++size_;
}

}  // namespace chatscale::redis
