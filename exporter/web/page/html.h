// Pieces of HTML. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

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

}  // namespace chatscale
