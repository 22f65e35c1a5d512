#include "exporter/files/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "exporter/files/file_thread.h"
#include "tests/support/gate.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string Why(const absl::StatusOr<std::string>& read) {
  return std::string(read.status().message());
}

long FilesIn(const TempFolder& folder) {
  return std::distance(fs::directory_iterator(folder.Path("")), fs::directory_iterator());
}

TEST(ReadWholeFile, ReadsUpToItsLimit) {
  const TempFolder folder;
  const std::string path = folder.Write("f", std::string(200'000, 'x'));
  EXPECT_EQ(ReadWholeFile(path, 200'000)->size(), 200'000u);
  EXPECT_THAT(Why(ReadWholeFile(path, 199'999)), HasSubstr("larger than 199999 bytes"));
  EXPECT_EQ(*ReadWholeFile(folder.Write("empty", ""), 10), "");
}

TEST(ReadWholeFile, RejectsFifosAndDirectories) {
  const TempFolder folder;
  const std::string fifo = folder.Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(Why(ReadWholeFile(fifo, 10)), HasSubstr("no regular file"));
  EXPECT_THAT(Why(ReadWholeFile(folder.Path("."), 10)), HasSubstr("no regular file"));
  EXPECT_TRUE(absl::IsNotFound(ReadWholeFile(folder.Path("none"), 10).status()));
}

TEST(ReadSecretFile, StripsOneNewlineAndRejectsControlCharacters) {
  const TempFolder folder;
  const auto read = [&](const std::string& text) {
    return ReadSecretFile(folder.Write("secret", text));
  };
  for (const char* text : {"pass word ", "pass word \n", "pass word \r\n"}) {
    EXPECT_EQ(*read(text), "pass word ");
  }
  for (const char* text : {"hunter2\n\n", "hunter2\nmore", "hunt\ter2", "hunter2\r"}) {
    EXPECT_THAT(Why(read(text)), HasSubstr("control character"));
    EXPECT_THAT(Why(read(text)), Not(HasSubstr("hunt")));
  }
  EXPECT_THAT(Why(read("\n")), HasSubstr("empty"));
  EXPECT_THAT(Why(read(std::string(70'000, 'x'))), HasSubstr("larger than"));
}

TEST(ReplaceFile, KeepsTheOldFileOnFailure) {
  const TempFolder folder;
  const std::string path = folder.Path("f");
  ASSERT_TRUE(ReplaceFile(path, "old", 0644).ok());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0644));
  EXPECT_FALSE(ReplaceFile(path + "/gone", "new", 0600).ok());
  EXPECT_EQ(ReadFile(path), "old");
  const struct rlimit most { 10, RLIM_INFINITY };
  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto on_signal = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &most), 0);
  EXPECT_THAT(std::string(ReplaceFile(path, "more than ten", 0600).message()),
              HasSubstr("File too large"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, on_signal);
  EXPECT_EQ(ReadFile(path), "old");
  EXPECT_EQ(FilesIn(folder), 1);
  EXPECT_TRUE(ReplaceFile(path, "new", 0600).ok());
  EXPECT_EQ(ReadFile(path), "new");
}

// Two programs that keep one path, and what a crash has left over.
TEST(ReplaceFile, UsesUniqueTemporaryNamesAndRemovesStaleOnes) {
  const TempFolder folder;
  const std::string path = folder.Path("f");
  const std::string theirs = folder.Write("f.theirs.new", "under way");
  const std::string left = folder.Write("f.a1B2c3.new", "left over");
  const std::string other = folder.Write("g.a1B2c3.new", "of another file");
  for (const std::string& old : {left, other}) {
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
  }
  EXPECT_TRUE(ReplaceFile(path, "new", 0600).ok());
  EXPECT_TRUE(fs::exists(theirs));
  EXPECT_TRUE(fs::exists(other));
  EXPECT_FALSE(fs::exists(left));
}

TEST(FileThread, WritesTheNewestAndReportsHungDisk) {
  FileThread writer;
  EXPECT_TRUE(writer.Wait(absl::ZeroDuration()).ok());
  Gate begun, disk;
  writer.Offer([&] {
    begun.Open();
    disk.Wait(absl::Minutes(1));
    return absl::OkStatus();
  });
  ASSERT_TRUE(begun.Wait(absl::Seconds(10)));
  std::vector<int> written;
  for (const int n : {1, 2}) {
    writer.Offer([&written, n] {
      written.push_back(n);
      return absl::DataLossError("2");
    });
  }
  EXPECT_TRUE(writer.Busy());
  EXPECT_TRUE(writer.Outcome(absl::Minutes(1)).ok());
  EXPECT_TRUE(absl::IsUnavailable(writer.Outcome(absl::ZeroDuration())));
  EXPECT_TRUE(absl::IsDeadlineExceeded(writer.Wait(absl::Milliseconds(1))));
  disk.Open();
  EXPECT_TRUE(absl::IsDataLoss(writer.Wait(absl::Seconds(10))));
  EXPECT_TRUE(absl::IsDataLoss(writer.Outcome()));
  EXPECT_FALSE(writer.Busy());
  EXPECT_THAT(written, testing::ElementsAre(2));
}

TEST(ReplaceFile, ReplacesRegularFilesOnly) {
  const TempFolder folder;
  const std::string fifo = folder.Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(ReplaceFile(fifo, "new", 0600)));
  EXPECT_TRUE(absl::IsFailedPrecondition(ReplaceFile(folder.Path("."), "new", 0600)));
}

TEST(AppendLine, AppendsWholeLinesWithoutBlocking) {
  const TempFolder folder;
  const std::string path = folder.Path("f"), fifo = folder.Path("fifo");
  EXPECT_TRUE(AppendLine(path, "one").ok());
  EXPECT_TRUE(AppendLine(path, "two").ok());
  EXPECT_EQ(ReadFile(path), "one\ntwo\n");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(std::string(AppendLine(fifo, "one").message()),
              HasSubstr("No such device or address"));
  const struct rlimit most { 10, RLIM_INFINITY };
  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto on_signal = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &most), 0);
  const absl::Status full = AppendLine(path, "three");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, on_signal);
  EXPECT_THAT(std::string(full.message()), HasSubstr("File too large"));
  EXPECT_EQ(ReadFile(path), "one\ntwo\n");  // not "th", which fits
}

}  // namespace
}  // namespace chatscale
