#include "exporter/web/page/html.h"

namespace chatscale {

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Element(std::string_view tag, std::string_view attributes, std::string_view inner) {
  std::string html = "<";
  html.append(tag);
  if (!attributes.empty()) html.append(" ").append(attributes);
  html.append(">").append(inner).append("</").append(tag).append(">");
  return html;
}

std::string TextElement(std::string_view tag, std::string_view text) {
  return Element(tag, "", EscapeHtml(text));
}

std::string TextElement(std::string_view tag, std::string_view attributes, std::string_view text) {
  return Element(tag, attributes, EscapeHtml(text));
}

std::string Table(std::string_view label, std::string_view caption,
                  std::initializer_list<std::string_view> headings, std::string_view rows) {
  if (rows.empty()) return "";
  std::string head;
  for (const std::string_view heading : headings) {
    head += TextElement("th", "scope=\"col\"", heading);
  }
  return Element(
      "div",
      "class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + EscapeHtml(label) + "\"",
      Element("table", "",
              TextElement("caption", caption) + Element("thead", "", Element("tr", "", head)) +
                  Element("tbody", "", rows)));
}

}  // namespace chatscale
