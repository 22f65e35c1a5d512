#include "recommender/policy_fields.h"

#include "recommender/policy_field_rows.h"

namespace chatscale::recommender {

const std::vector<PolicyField>& PolicyFields() {
  static const std::vector<PolicyField> fields = [] {
    std::vector<PolicyField> all = InputFields();
    for (const auto& part : {IngressFields(), ProcFields(), BudgetFields(), SloFields()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return fields;
}

}  // namespace chatscale::recommender
