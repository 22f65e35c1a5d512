#include "exporter/web/landing_page.h"

#include "exporter/core/build_info.h"

namespace chatscale {
namespace {

constexpr std::size_t kMostTargets = 100;

std::string SourceRow(const TargetView& target, const SourceHealth& health) {
  std::string row = "<tr><td>" + EscapeHtml(target.target.tenant) + "</td><td>" +
                    EscapeHtml(target.target.project) + "</td><td>" + EscapeHtml(health.source) +
                    "</td><td>" + (health.up ? "up" : "down") + "</td><td>";
  return row + EscapeHtml(health.error) + "</td></tr>\n";
}

std::string AdviceItems(const TargetView& target) {
  std::string items;
  if (!target.advice) return items;
  for (const Service service : kServices) {
    items += "<li>" + EscapeHtml(target.target.tenant) + "/" + EscapeHtml(target.target.project) +
             ": " + EscapeHtml(target.advice->services[service].sentence) + "</li>\n";
  }
  return items;
}

}  // namespace

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

std::string LandingPage(const View& view) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>chatscale</title>"
      "<meta name=\"viewport\" "
      "content=\"width=device-width\"></head>\n<body>\n<h1>chatscale</h1>\n";
  page += "<p>Version " + EscapeHtml(kVersion) + " (" + EscapeHtml(kRevision) + "), " +
          EscapeHtml(view.mode) + " mode.</p>\n";
  if (view.mode == "demo") {
    page += "<p><strong>Demo: every figure here is simulated.</strong></p>\n";
  }
  page += "<ul>\n";
  for (const char* path :
       {"/metrics", "/metrics/combined", "/metrics/ingress/system", "/metrics/proc/system",
        "/api/v1/recommendations", "/api/v1/decisions", "/-/healthy", "/-/ready"}) {
    page += std::string("<li><a href=\"") + path + "\">" + path + "</a></li>\n";
  }
  page += "</ul>\n<ul>\n";
  for (std::size_t i = 0; i < view.targets.size() && i < kMostTargets; ++i) {
    page += AdviceItems(view.targets[i]);
  }
  page +=
      "</ul>\n<table>\n<tr><th>Tenant</th><th>Project</th><th>Source</th><th>State</th>"
      "<th>Error</th></tr>\n";
  for (std::size_t i = 0; i < view.targets.size() && i < kMostTargets; ++i) {
    for (const SourceHealth& health : view.targets[i].sources) {
      page += SourceRow(view.targets[i], health);
    }
  }
  return page + "</table>\n</body>\n</html>\n";
}

}  // namespace chatscale
