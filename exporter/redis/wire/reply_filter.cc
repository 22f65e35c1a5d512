#include "exporter/redis/wire/reply_filter.h"

#include <algorithm>
#include <charconv>

namespace chatscale::redis {
namespace {

// In the replies to one pipeline; the parser needs some 100 bytes for each.
constexpr long long kMaxElements = 1 << 19;
constexpr std::size_t kMaxLineBytes = 64 * 1024;  // errors and statuses are one line

}  // namespace

ReplyFilter::Verdict ReplyFilter::EndOfLine(std::string& out) {
  if (line_.size() < 3 || line_[line_.size() - 2] != '\r') return Verdict::kNotResp;
  if (line_[0] != '$' && line_[0] != '*') {
    out.append(line_);
    return Verdict::kSound;
  }
  long long length = 0;
  const char* end = line_.data() + line_.size() - 2;
  const auto parsed = std::from_chars(line_.data() + 1, end, length);
  if (parsed.ec != std::errc() || parsed.ptr != end || length < -1) return Verdict::kNotResp;
  if (line_[0] == '*') {
    out.append(line_);
    if (length > kMaxElements - elements_) return Verdict::kTooLarge;
    elements_ += std::max(0LL, length);
    return Verdict::kSound;
  }
  if (length > static_cast<long long>(max_bulk_bytes_)) {
    out.append("-TOOLARGE ").append(std::to_string(length)).append("\r\n");
    discard_ = static_cast<std::size_t>(length) + 2;
    return Verdict::kSound;
  }
  out.append(line_);
  if (length >= 0) forward_ = static_cast<std::size_t>(length) + 2;
  return Verdict::kSound;
}

ReplyFilter::Verdict ReplyFilter::Pass(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (forward_ > 0 || discard_ > 0) {
      std::size_t& left = forward_ > 0 ? forward_ : discard_;
      const std::size_t n = std::min(left, bytes.size());
      if (&left == &forward_) out.append(bytes.substr(0, n));
      left -= n;
      bytes.remove_prefix(n);
      continue;
    }
    const std::size_t newline = bytes.find('\n');
    const std::size_t n = newline == std::string_view::npos ? bytes.size() : newline + 1;
    if (line_.size() + n > kMaxLineBytes) return Verdict::kNotResp;
    line_.append(bytes.substr(0, n));
    bytes.remove_prefix(n);
    if (newline == std::string_view::npos) return Verdict::kSound;
    if (const Verdict verdict = EndOfLine(out); verdict != Verdict::kSound) return verdict;
    line_.clear();
  }
  return Verdict::kSound;
}

}  // namespace chatscale::redis
