// HTML building blocks of the page. Pure.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "exporter/model/target.h"
#include "recommender/recommendation.h"

namespace chatscale {

// Escapes text for an HTML element or a quoted attribute.
std::string EscapeHtml(std::string_view text);

// <tag attributes>inner</tag>; `attributes` and `inner` are HTML.
std::string Element(std::string_view tag, std::string_view attributes, std::string_view inner);
// The same for plain text, which is escaped.
std::string TextElement(std::string_view tag, std::string_view text);
std::string TextElement(std::string_view tag, std::string_view attributes, std::string_view text);

// A table that scrolls horizontally; `rows` are HTML. "" without rows.
std::string Table(std::string_view label, std::string_view caption,
                  std::initializer_list<std::string_view> headings, std::string_view rows);

// "?tenant=…&project=…"
std::string QueryOf(const Target& target);
// "tenant/project"; "this system" when the source names no target.
std::string NameOf(const Target& target);
// "3"; "?" when unknown.
std::string CountOf(const std::optional<int>& replicas);
// "14:02:10 UTC"
std::string ClockTime(absl::Time at);

// Sentences that explain the sizing; unknown values are omitted.
std::vector<std::string> SizingWords(const recommender::Recommendation& given);

}  // namespace chatscale
