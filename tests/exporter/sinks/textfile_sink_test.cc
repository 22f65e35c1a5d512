#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "exporter/metrics/self_metrics.h"
#include "exporter/sinks/text_sinks.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

Publication WithQueue(double tasks) {
  auto view = std::make_shared<View>();
  TargetView& target = view->targets.emplace_back();
  target.target = {"t", "p"};
  target.snapshot.emplace().queue.total = tasks;
  Publication publication;
  publication.view = std::move(view);
  publication.options.self = std::make_shared<SelfMetrics>();
  return publication;
}

TEST(TextfileSink, ReplacesFileAtomicallyAndRemovesItAtEnd) {
  TempFolder folder;
  const std::string path = folder.Path("chatscale.prom");
  TextfileSink sink(path);
  for (const double tasks : {5, 6}) {
    ASSERT_TRUE(sink.Deliver(WithQueue(tasks), absl::Seconds(1)).ok());
    const std::string text = ReadFile(path);
    EXPECT_THAT(text, HasSubstr("chat_proc_queue_total{tenant=\"t\",project=\"p\"} " +
                                std::to_string(static_cast<int>(tasks)) + "\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE chat_proc_queue_total gauge\n"));
    // The node_exporter has families by these names, and would refuse the file.
    EXPECT_THAT(text, Not(HasSubstr("process_")));
  }
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0644));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.Path("")), fs::directory_iterator()), 1);
  EXPECT_TRUE(sink.End(absl::Seconds(1)).ok());
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(sink.End(absl::Seconds(1)).ok());
}

TEST(TextfileSink, ReportsWriteErrors) {
  TempFolder folder;
  TextfileSink sink(folder.Path("gone/chatscale.prom"));
  const absl::Status status = sink.Deliver(WithQueue(1), absl::Seconds(1));
  EXPECT_THAT(std::string(status.message()), HasSubstr("No such file"));
  // A directory in the file's place: the rename fails, nothing is left over.
  const std::string taken = folder.Path("taken.prom");
  fs::create_directory(taken);
  EXPECT_FALSE(TextfileSink(taken).Deliver(WithQueue(1), absl::Seconds(1)).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.Path("")), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace chatscale
