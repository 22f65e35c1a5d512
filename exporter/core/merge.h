// Two documents of one system -> one Snapshot. Pure.
#pragma once

#include "exporter/core/snapshot.h"

namespace chatscale {

// Fields of the ingress service come from the document an ingress process served, those of the
// processor from the proc document; where one did not deliver a field, the other's is used: both
// read the same Redis. Either pointer may be null; both null gives an empty Snapshot.
// `taken_at` is the older of the two, so that nothing looks fresher than it is.
Snapshot Merge(const PerService<const Snapshot*>& of);

}  // namespace chatscale
