// Sections of the page, as HTML. Pure. Alone, as each section is a file and page.cc joins them.
#pragma once

#include <string>

#include "exporter/web/page/page.h"

namespace chatscale {

std::string BannersSection(const PageContent& content);  // warnings
std::string TargetsSection(const PageContent& content);  // all targets, most urgent first
std::string RecommendationSection(
    const PageContent& content);  // current -> desired replicas, and the sentence
std::string WhySection(const PageContent& content);  // rules, sizing, guard rails
std::string DecisionsSection(const PageContent& content);
std::string HealthSection(const PageContent& content);
std::string ChartsSection(const PageContent& content);  // empty; page.js draws the charts

}  // namespace chatscale
