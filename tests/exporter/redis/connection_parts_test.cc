// What a connection is made of: its address, the bound on replies, the meaning of errors.
#include <gtest/gtest.h>

#include "exporter/redis/wire/redis_url.h"
#include "exporter/redis/wire/reply.h"
#include "exporter/redis/wire/reply_filter.h"

namespace chatscale::redis {
namespace {

struct Url {
  const char* text;
  Address expected;
};

TEST(RedisUrlTest, ParsesAddressCredentialsAndDatabase) {
  const Url kUrls[] = {
      {"redis://cache", {.host = "cache"}},
      {"redis://cache:6380/2", {.host = "cache", .port = 6380, .db = 2}},
      {"redis://cache?db=3", {.host = "cache", .db = 3}},
      {"redis://cache/1?socket_timeout=5&ssl_cert_reqs=required", {.host = "cache", .db = 1}},
      {"redis://cache?username=me&password=p%40ss&db=2",
       {.host = "cache", .user = "me", .password = "p@ss", .db = 2}},
      {"redis://:pw@cache", {.host = "cache", .password = "pw"}},
      {"redis://me:p%40ss%2Fw@cache", {.host = "cache", .user = "me", .password = "p@ss/w"}},
      {"redis://me:p@ss@cache", {.host = "cache", .user = "me", .password = "p@ss"}},
      {"rediss://:pw@cache:6390", {.host = "cache", .port = 6390, .password = "pw", .tls = true}},
      {"redis://[::1]:7000/1", {.host = "::1", .port = 7000, .db = 1}},
      {"unix:///run/redis.sock?db=4", {.unix_path = "/run/redis.sock", .db = 4}},
      {"redis+unix://me:pw@/run/r.sock",
       {.unix_path = "/run/r.sock", .user = "me", .password = "pw"}},
  };
  for (const Url& url : kUrls) {
    const auto address = ParseUrl(url.text);
    ASSERT_TRUE(address.ok()) << url.text << ": " << address.status();
    EXPECT_EQ(address->host, url.expected.host) << url.text;
    EXPECT_EQ(address->port, url.expected.port) << url.text;
    EXPECT_EQ(address->unix_path, url.expected.unix_path) << url.text;
    EXPECT_EQ(address->user, url.expected.user) << url.text;
    EXPECT_EQ(address->password, url.expected.password) << url.text;
    EXPECT_EQ(address->db, url.expected.db) << url.text;
    EXPECT_EQ(address->tls, url.expected.tls) << url.text;
  }
}

TEST(RedisUrlTest, ErrorsNameUnsupportedOptions) {
  const std::pair<const char*, const char*> kFaults[] = {
      {"rediss://cache?ssl_cert_reqs=none", "certificates are always verified"},
      {"rediss://cache?ssl_ca_certs=/ca.pem", "set REDIS_TLS_CA_FILE"},
      {"rediss://cache?ssl_check_hostname=False", "host names are always verified"},
      {"redis://cache?colour=blue", "unknown option \"colour\""},
      {"redis://cache?db=x", "the option db must be a number"},
  };
  for (const auto& [text, told] : kFaults) {
    EXPECT_NE(ParseUrl(text).status().message().find(told), absl::string_view::npos)
        << ParseUrl(text).status();
  }
}

TEST(RedisUrlTest, ErrorsOmitThePassword) {
  for (const char* text :
       {"", "cache:6379", "http://me:s3cret@cache", "redis://me:s3cret@cache:0",
        "redis://me:s3cret@cache:65536", "redis://me:s3cret@", "redis://:s3cret@:6379/0",
        "redis://[]:1", "redis://me:s3cret@cache/x", "redis://me:s3cret@cache?tls=1",
        "redis://me:s3cret@[::1", "unix://me:s3cret@run/r.sock"}) {
    const auto address = ParseUrl(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(address.status().message().find("s3cret"), absl::string_view::npos) << text;
  }
}

std::string Filtered(std::string_view stream, std::size_t chunk, bool& ok) {
  ReplyFilter filter;
  filter.Begin(5);
  std::string out;
  ok = true;
  for (std::size_t i = 0; i < stream.size() && ok; i += chunk) {
    ok = filter.Pass(stream.substr(i, chunk), out) == ReplyFilter::Verdict::kSound;
  }
  return out;
}

TEST(ReplyFilterTest, OversizedStringsBecomeErrorsAtAnyChunkSize) {
  const std::string stream =
      "*3\r\n$5\r\nab\r\nc\r\n$6\r\n$9\r\n\r\n\r\n$-1\r\n:1\r\n-ERR x\r\n$0\r\n\r\n";
  const std::string expected =
      "*3\r\n$5\r\nab\r\nc\r\n-TOOLARGE 6\r\n$-1\r\n:1\r\n-ERR x\r\n$0\r\n\r\n";
  for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
    bool ok = false;
    EXPECT_EQ(Filtered(stream, chunk, ok), expected) << chunk;
    EXPECT_TRUE(ok);
  }
}

TEST(ReplyFilterTest, RejectsMalformedResp) {
  for (const std::string& stream : {std::string("$x\r\n"), std::string("$-2\r\n"),
                                    std::string("$5\n"), std::string(100'000, 'a')}) {
    bool ok = true;
    Filtered(stream, 4096, ok);
    EXPECT_FALSE(ok) << stream.substr(0, 10);
  }
}

TEST(ReplyFilterTest, ElementsAreBoundedOverAllReplies) {
  using Verdict = ReplyFilter::Verdict;
  ReplyFilter filter;
  std::string out, array = "*100000\r\n";
  for (int i = 0; i < 100'000; ++i) array += "$1\r\nx\r\n";
  for (int round = 0; round < 3; ++round) {
    filter.Begin(100);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(filter.Pass(array, out), Verdict::kSound);
  }
  EXPECT_EQ(filter.elements(), 500'000);
  EXPECT_EQ(filter.Pass(array, out), Verdict::kTooLarge);
  ReplyFilter other;
  EXPECT_EQ(other.Pass("*1\r\n:1\r\n", out), Verdict::kSound);
  EXPECT_EQ(other.Pass("*9223372036854775807\r\n", out), Verdict::kTooLarge);
}

TEST(RedisErrorTest, ErrorPrefixDeterminesTheKind) {
  const std::pair<const char*, ErrorKind> kReplies[] = {
      {"NOAUTH Authentication required.", ErrorKind::kAuth},
      {"WRONGPASS invalid username-password pair", ErrorKind::kAuth},
      {"NOPERM this user has no permissions to run the 'get' command", ErrorKind::kPermission},
      {"LOADING Redis is loading the dataset in memory", ErrorKind::kLoading},
      {"READONLY You can't write against a read only replica.", ErrorKind::kReadOnly},
      {"MASTERDOWN Link with MASTER is down", ErrorKind::kReadOnly},
      {"MOVED 3999 127.0.0.1:6381", ErrorKind::kMoved},
      {"CLUSTERDOWN Hash slot not served", ErrorKind::kMoved},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", ErrorKind::kWrongType},
      {"TOOLARGE 12345678", ErrorKind::kTooLarge},
      {"ERR unknown command 'FOO'", ErrorKind::kProtocol},
      {"", ErrorKind::kProtocol},
  };
  for (const auto& [text, kind] : kReplies) EXPECT_EQ(KindOfReply(text), kind) << text;
}

}  // namespace
}  // namespace chatscale::redis
