#include <hiredis/hiredis.h>

#include <memory>
#include <string>
#include <vector>

#include "exporter/redis/wire/reply.h"
#include "exporter/redis/wire/reply_filter.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"

namespace chatscale::redis {
namespace {

constexpr std::size_t kMostBulk = 64;

struct Passed {
  bool fine = true;
  std::string bytes;
};

Passed Pass(std::string_view stream, std::size_t piece) {
  ReplyFilter filter;
  filter.Begin(kMostBulk);
  Passed passed;
  while (!stream.empty() && passed.fine) {
    passed.fine =
        filter.Pass(stream.substr(0, piece), passed.bytes) == ReplyFilter::Verdict::kSound;
    stream.remove_prefix(std::min(piece, stream.size()));
  }
  return passed;
}

void Walk(ReplyView reply) {
  if (const auto text = reply.Text()) MUST(reply.IsError() || text->size() <= 70'000);
  if (reply.IsError()) MUST(!ErrorKindName(KindOfReply(*reply.Text())).empty());
  for (std::size_t i = 0; i < reply.size(); ++i) Walk(reply[i]);
}

}  // namespace
}  // namespace chatscale::redis

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale::redis;
  const std::string_view stream = chatscale::fuzz::Bytes(data, size).All();
  const Passed whole = Pass(stream, stream.size() + 1);
  for (const std::size_t piece : {1U, 7U}) {
    const Passed cut = Pass(stream, piece);
    MUST(cut.fine == whole.fine);
    if (whole.fine) MUST(cut.bytes == whole.bytes);
  }
  if (!whole.fine) return 0;
  const std::unique_ptr<redisReader, void (*)(redisReader*)> reader(redisReaderCreate(),
                                                                    redisReaderFree);
  redisReaderFeed(reader.get(), whole.bytes.data(), whole.bytes.size());
  while (true) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader.get(), &reply) != REDIS_OK || reply == nullptr) return 0;
    Walk(Reply(static_cast<redisReply*>(reply)).view());
  }
}
