#include "recommender/policy_fields.h"

#include "recommender/policy_field_rows.h"

namespace chatscale::recommender {

const std::vector<PolicyField>& PolicyFields() {
  static const std::vector<PolicyField> fields = [] {
    return Joined({InputFields(), IngressFields(), ProcFields(), BudgetFields(), SloFields()});
  }();
  return fields;
}

}  // namespace chatscale::recommender
