// Pieces of HTML. Pure.
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

// `text` safe inside an HTML element or a quoted attribute.
std::string EscapeHtml(std::string_view text);

// <tag attributes>inner</tag>; `attributes` and `inner` are HTML already.
std::string Element(std::string_view tag, std::string_view attributes, std::string_view inner);
// The same around text.
std::string TextElement(std::string_view tag, std::string_view text);
std::string TextElement(std::string_view tag, std::string_view attributes, std::string_view text);

// A table that scrolls by itself where it is too wide; `rows` are HTML already. "" without any.
std::string Table(std::string_view label, std::string_view caption,
                  std::initializer_list<std::string_view> headings, std::string_view rows);

// How targets and times are called on the page. Pure.

// "?tenant=…&project=…"
std::string QueryOf(const Target& target);
// "tenant/project"; "this system" when the source does not say whose figures it has.
std::string NameOf(const Target& target);
// "3"; "?" when it is not known.
std::string CountOf(const std::optional<int>& replicas);
// "14:02:10 UTC"
std::string ClockTime(absl::Time at);

// The arithmetic behind a count, in sentences. Pure.

// Nothing of what is not known.
std::vector<std::string> SizingWords(const recommender::Recommendation& given);

}  // namespace chatscale
