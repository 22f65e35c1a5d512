#include <hiredis/hiredis.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "exporter/redis/json_values.h"
#include "exporter/redis/redis_snapshot.h"
#include "exporter/redis/system_json.h"
#include "exporter/redis/target_reader.h"
#include "fuzz/bytes.h"
#include "fuzz/exposed.h"
#include "fuzz/must.h"

namespace chatscale::redis {
namespace {

constexpr double kNow = 1'790'000'000;

// Answers commands with the replies of a RESP stream, and with nil once it is at its end.
class Server {
 public:
  explicit Server(std::string_view stream) : reader_(redisReaderCreate(), redisReaderFree) {
    redisReaderFeed(reader_.get(), stream.data(), stream.size());
  }

  std::vector<Reply> Answer(const Pipeline& pipeline) {
    std::vector<Reply> replies;
    while (replies.size() < pipeline.size()) {
      void* reply = nullptr;
      if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK || reply == nullptr) {
        reader_.reset(redisReaderCreate());
        redisReaderFeed(reader_.get(), "$-1\r\n", 5);
        redisReaderGetReply(reader_.get(), &reply);
      }
      replies.emplace_back(static_cast<redisReply*>(reply));
    }
    return replies;
  }

 private:
  std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
};

void MustHold(const TargetState& state, bool document) {
  fuzz::MustBeExposed(SnapshotOf(state));
  if (document) MUST(nlohmann::json::accept(SystemJson(state)));
}

void Cycle(TargetReader& reader, double now, Server& server, bool document) {
  TolerantParser parser;
  std::vector<double> scratch;
  const auto exchange = [&](auto ask, auto take) {
    Pipeline pipeline;
    ask(pipeline);
    const std::vector<Reply> replies = server.Answer(pipeline);
    ReplyStream stream(replies);
    take(stream);
  };
  exchange([&](Pipeline& pipeline) { reader.AddFirstCommands(now, 100, pipeline); },
           [&](ReplyStream& replies) { reader.ParseFirstReplies(parser, replies); });
  exchange([&](Pipeline& pipeline) { reader.AddSecondCommands(pipeline); },
           [&](ReplyStream& replies) { reader.ParseSecondReplies(parser, replies); });
  if (reader.WantsHeads()) {
    exchange([&](Pipeline& pipeline) { reader.AddHeadCommands(pipeline); },
             [&](ReplyStream& replies) { reader.ParseHeadReplies(parser, replies); });
  }
  for (int page = 0; page < 3 && reader.NeedsMore(); ++page) {
    exchange([&](Pipeline& pipeline) { reader.AddBackfillCommands(pipeline); },
             [&](ReplyStream& replies) { reader.ParseBackfillReplies(parser, replies); });
  }
  if (const auto state = reader.Finish(100, scratch); state.ok()) MustHold(**state, document);
}

}  // namespace
}  // namespace chatscale::redis

// A key or two met by SCAN, then RESP.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale::redis;
  chatscale::fuzz::Bytes bytes(data, size);
  ReaderOptions options;
  options.fallback = std::make_shared<const ParsedGateway>();
  TargetReader reader({"acme", "assist"}, options);
  for (int i = 0; i < 2; ++i) {
    const std::string name(bytes.Text());
    for (const char* kind : {"heartbeat:process:", "sse_connections:"}) {
      reader.Observe("acme:assist:kdcube:" + std::string(kind) + name);
    }
    OwnerOf(name);
    EscapeGlob(name);
  }
  Server server(bytes.All());
  const bool document = size % 16 == 0;  // takes ten times as long as all else
  for (int cycle = 0; cycle < 3; ++cycle) Cycle(reader, kNow + 15 * cycle, server, document);
  return 0;
}
