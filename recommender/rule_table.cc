#include "recommender/rule_table.h"

#include "absl/strings/str_cat.h"

namespace chatscale::recommender {

std::string PathOf(Service service, const RuleRow& row) {
  return absl::StrCat(NameOf(service), ".", NameOf(row.direction), ".", std::string(row.name));
}

}  // namespace chatscale::recommender
