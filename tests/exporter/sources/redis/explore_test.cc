#include <gtest/gtest.h>
#include <cstdio>
#include "tests/exporter/sources/redis/scenario.h"
#include "exporter/core/upstream_keys.h"
namespace chatscale::testing {
TEST(Explore, All) {
  for (const char* name : {"steady","sse_saturated","queue_pressure","idle","cold","stale","throttled","two_tenants","large_small","hostile"}) {
    Scenario s(name);
    RedisServer server;
    server.Load(s.resp);
    auto source = NewSource(s, server);
    auto r = source->Take(s.now, absl::Seconds(5));
    ASSERT_EQ(r.size(), 1u);
    ASSERT_TRUE(r[0].parts[0].snapshot.ok()) << r[0].parts[0].snapshot.status();
    FILE* f = fopen((std::string("/tmp/redis_explore_") + name + ".json").c_str(), "w");
    std::string d = r[0].parts[0].document();
    fwrite(d.data(), 1, d.size(), f); fclose(f);
    auto t = source->traffic();
    printf("%s trips %lu cmds %lu sent %lu recv %lu malformed %d %s\n", name, t.round_trips, t.commands, t.bytes_sent, t.bytes_received, r[0].parts[0].snapshot->malformed_fields, absl::FormatDuration(r[0].parts[0].duration).c_str());
    r = source->Take(s.now + absl::Seconds(1), absl::Seconds(5));
    auto u = source->traffic();
    printf("   second: trips %lu cmds %lu sent %lu recv %lu\n", u.round_trips-t.round_trips, u.commands-t.commands, u.bytes_sent-t.bytes_sent, u.bytes_received-t.bytes_received);
    f = fopen((std::string("/tmp/redis_keys_") + name + ".json").c_str(), "w");
    fprintf(f,"{"); bool first=true;
    for (const UpstreamKey& key : UpstreamKeys()) if (auto v = key.read(*r[0].parts[0].snapshot)) { fprintf(f, "%s\"%s\":%.17g", first?"":",", std::string(key.key).c_str(), *v); first=false; }
    fprintf(f,"}"); fclose(f);
  }
}
}
