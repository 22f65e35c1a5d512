#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "exporter/files/append_line.h"
#include "exporter/files/read_file.h"
#include "exporter/files/replace_file.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string Why(const absl::StatusOr<std::string>& read) {
  return std::string(read.status().message());
}

TEST(ReadWholeFile, ReadsUpToItsLimit) {
  const TempFolder folder;
  const std::string path = folder.Write("f", std::string(200'000, 'x'));
  EXPECT_EQ(ReadWholeFile(path, 200'000)->size(), 200'000u);
  EXPECT_THAT(Why(ReadWholeFile(path, 199'999)), HasSubstr("larger than 199999 bytes"));
  EXPECT_EQ(*ReadWholeFile(folder.Write("empty", ""), 10), "");
}

TEST(ReadWholeFile, WaitsForNothingAndReadsNoFolder) {
  const TempFolder folder;
  const std::string fifo = folder.Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(Why(ReadWholeFile(fifo, 10)), HasSubstr("no regular file"));
  EXPECT_THAT(Why(ReadWholeFile(folder.Path("."), 10)), HasSubstr("no regular file"));
  EXPECT_TRUE(absl::IsNotFound(ReadWholeFile(folder.Path("none"), 10).status()));
}

TEST(ReadSecretFile, DropsOneLineEndAndRefusesWhatIsNoSecret) {
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

TEST(ReplaceFile, LeavesTheOldOneWhenItFails) {
  const TempFolder folder;
  const std::string path = folder.Path("f");
  ASSERT_TRUE(ReplaceFile(path, "old", 0600).ok());
  fs::create_directory(path + ".new");  // in the way
  EXPECT_FALSE(ReplaceFile(path, "new", 0600).ok());
  EXPECT_EQ(ReadFile(path), "old");
  fs::remove(path + ".new");
  EXPECT_TRUE(ReplaceFile(path, "new", 0600).ok());
  EXPECT_EQ(ReadFile(path), "new");
}

TEST(ReplaceFile, TakesThePlaceOfFilesOnlyAndFollowsNothing) {
  const TempFolder folder;
  const std::string fifo = folder.Path("fifo"), file = folder.Path("f");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(ReplaceFile(fifo, "new", 0600)));
  EXPECT_TRUE(absl::IsFailedPrecondition(ReplaceFile(folder.Path("."), "new", 0600)));
  // What somebody else laid where the new one is written.
  fs::create_symlink(folder.Write("theirs", "theirs"), file + ".new");
  EXPECT_TRUE(ReplaceFile(file, "new", 0600).ok());
  EXPECT_EQ(ReadFile(folder.Path("theirs")), "theirs");
  ASSERT_EQ(mkfifo((file + ".new").c_str(), 0600), 0);
  EXPECT_TRUE(ReplaceFile(file, "newer", 0600).ok());
  EXPECT_EQ(ReadFile(file), "newer");
}

TEST(AppendLine, AppendsWholeLinesAndWaitsForNobody) {
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
