// The advice in the forms autoscalers read. Pure.
#pragma once

namespace chatscale::recommender {

// For an HPA whose tolerance cannot be set (Kubernetes before 1.35): it ignores a count within
// `tolerance` of the running one. Growing inside that band becomes the next count outside it, at
// most `tolerance` too many; shrinking inside it stays, so HPA never ends below `desired`.
int ToleranceCompensated(int desired, int current, double tolerance);

// For CloudWatch target tracking, which wants a utilization: 100 at the desired count, more when
// too few run. Requires: current > 0.
double RatioPercent(int desired, int current);

}  // namespace chatscale::recommender
