// The sections of the page, each as HTML. Pure.
#pragma once

#include <string>

#include "exporter/web/page/page.h"

namespace chatscale {

std::string BannersSection(const PageContent& content);  // what makes everything else doubtful
std::string TargetsSection(const PageContent& content);  // which there are, most urgent first
std::string AdviceSection(const PageContent& content);   // current -> desired, and the sentence
std::string WhySection(const PageContent& content);      // rules, sizing, guard rails
std::string DecisionsSection(const PageContent& content);
std::string HealthSection(const PageContent& content);
std::string ChartsSection(const PageContent& content);  // empty; page.js draws

}  // namespace chatscale
