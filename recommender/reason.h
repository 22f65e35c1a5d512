// Why a recommendation is what it is. Names are stable label values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chatscale::recommender {

enum class Reason : std::uint8_t {
  // A guard rail changed the proposal.
  kStabilization,  // the in-window saw a higher demand, or the out window a lower one
  kSmallChange,    // the scale-in is too small to be worth a change
  kWarmUp,         // no full in-window of demand observed yet
  kStep,           // step limit per period
  kSettling,       // an earlier step of unknown effect has not shown in the signals yet
  kMin,
  kMax,
  kDbConnections,
  kRedisConnections,
  kStaleInput,    // sample missing or too old
  kPartialInput,  // sample had values that could not be read, or lacked what sizing needs
  kNoReplicas,    // no healthy replica observed: an incident, not a reason to change
  kOutage,        // replicas vanished at once, and not for an in-window yet
  kFirstView,     // the view of the fleet may not be whole yet; see anchor.h
  kLostWork,      // tasks leave the queue without a run
  kOverride,      // a person's bounds, for a while
  // A note: nothing was limited, but the reader should know.
  kStarted,   // no state: started from the observed count
  kResumed,   // the input was gone for long: started again
  kSurplus,   // more replicas run than are recommended, for long
  kShortage,  // fewer, for long
  kBlocked,   // tasks wait beside free slots that take none
  kOrphaned,  // claimed tasks have no live process
  kDraining,  // draining replicas and their tasks are not counted
  kDoubted,   // the queue has fewer tasks than run: it is unknown
  // Wanted to grow, but the server's limit or a replica's cost is not known.
  kDbBudgetUnknown,
  kRedisBudgetUnknown,
  kLoadAhead,  // scaled out on the load ahead, before a rule fired
  kOverrun,    // scaled out on what runs on more replicas than are recommended
};
inline constexpr std::size_t kReasonCount = 28;

struct ReasonText {
  std::string_view name;      // label value: "db_connections"
  std::string_view sentence;  // "The connection budget of PostgreSQL blocks growth."
};
const ReasonText& Text(Reason reason);

// Reasons in the order the rails acted; each at most once.
class ReasonList {
 public:
  void Add(Reason reason) {
    if (!Has(reason)) items_[size_++] = reason;
  }
  bool Has(Reason reason) const {
    for (const Reason item : *this) {
      if (item == reason) return true;
    }
    return false;
  }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  friend bool operator==(const ReasonList&, const ReasonList&) = default;
  const Reason* begin() const { return items_.data(); }
  const Reason* end() const { return items_.data() + size_; }

 private:
  std::array<Reason, kReasonCount> items_{};
  std::uint8_t size_ = 0;
};

}  // namespace chatscale::recommender
