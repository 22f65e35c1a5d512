#include "exporter/files/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "absl/time/clock.h"

namespace chatscale {
namespace {

TEST(FormatLogLine, EscapesTextAndJson) {
  const auto format = [](LogFormat how) {
    return FormatLogLine(how, "T", LogLevel::kWarning, "it \"fails\"",
                         {{"plain", "a/b"}, {"line", "one\ntwo=2"}, {"empty", ""}});
  };
  EXPECT_EQ(format(LogFormat::kText),
            R"(ts=T level=warn msg="it \"fails\"" plain=a/b line="one\ntwo=2" empty="")");
  EXPECT_EQ(format(LogFormat::kJson),
            R"({"ts":"T","level":"warn","msg":"it \"fails\"","plain":"a/b","line":"one\ntwo=2",)"
            R"("empty":""})");
}

// A pipe in the place of standard error; nobody reads it.
class FullPipe {
 public:
  FullPipe() : saved_(::dup(STDERR_FILENO)) {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    EXPECT_EQ(::fcntl(ends_[1], F_SETFL, O_NONBLOCK), 0);
    const std::string much(4096, 'x');
    while (::write(ends_[1], much.data(), much.size()) > 0) continue;
    EXPECT_EQ(::fcntl(ends_[1], F_SETFL, 0), 0);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~FullPipe() {
    ::dup2(saved_, STDERR_FILENO);
    for (const int fd : {saved_, ends_[0], ends_[1]}) ::close(fd);
  }
  // Reads until nothing more comes.
  std::string Drain() {
    EXPECT_EQ(::fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
    std::string all;
    std::array<char, 65536> some{};
    while (true) {
      const bool flushed = FlushLog(absl::Milliseconds(10));
      const ssize_t got = ::read(ends_[0], some.data(), some.size());
      if (got > 0) all.append(some.data(), static_cast<std::size_t>(got));
      if (got <= 0 && flushed) return all;
    }
  }

 private:
  std::array<int, 2> ends_{};
  int saved_;
};

TEST(Log, FullPipeDropsLinesWithoutBlocking) {
  FullPipe pipe;
  const std::uint64_t before = DroppedLogLines();
  const absl::Time begun = absl::Now();
  for (int i = 0; i < 3000; ++i) Log(LogLevel::kInfo, "line", {{"n", std::to_string(i)}});
  EXPECT_FALSE(FlushLog(absl::Milliseconds(50)));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(10)) << "on a busy machine";
  const std::uint64_t dropped = DroppedLogLines() - before;
  EXPECT_GT(dropped, 1500u);
  EXPECT_LT(dropped, 2900u) << "what waits is kept";
  const std::string read = pipe.Drain();
  EXPECT_THAT(read, testing::HasSubstr("n=2999\n")) << "the newest";
  EXPECT_EQ(DroppedLogLines() - before, dropped);
}

}  // namespace
}  // namespace chatscale
