#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "exporter/http/http_client.h"
#include "exporter/model/error_kind.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

// A source whose Authorization header comes from a file, and what it told about the file.
struct FileHeader {
  TempFolder folder;
  std::vector<absl::Status> changes;
  HeaderSource source{{.fixed = {{"X-Team", "a"}},
                       .file_header = "Authorization",
                       .value_file = folder.Path("token"),
                       .on_change = [this](const absl::Status& s) { changes.push_back(s); }}};

  std::string Value() {
    const auto headers = source.Next();
    return headers.ok() ? headers->back().second : "error";
  }
};

TEST(HeaderSource, FixedHeadersKeepTheirOrder) {
  HeaderSource source({.fixed = {{"B", "1"}, {"A", "2"}}});
  EXPECT_EQ(*source.Next(), (Headers{{"B", "1"}, {"A", "2"}}));
}

TEST(HeaderSource, RejectsHeaderInjection) {
  for (const Headers& headers : {Headers{{"A", "x\r\nB: y"}}, Headers{{"A", std::string("x\0", 2)}},
                                 Headers{{"A:", "x"}}, Headers{{"", "x"}}, Headers{{"A b", "x"}}}) {
    HeaderSource source({.fixed = headers});
    EXPECT_EQ(KindOf(source.Next().status()), ErrorKind::kInternal);
  }
}

TEST(HeaderSource, TrimsAndReloadsTheFile) {
  FileHeader file;
  file.folder.Write("token", "Bearer one\n");
  EXPECT_EQ(*file.source.Next(), (Headers{{"X-Team", "a"}, {"Authorization", "Bearer one"}}));
  file.folder.Write("token", "Bearer two\r\n");  // the same size but for the line end
  EXPECT_EQ(file.Value(), "Bearer two");
  EXPECT_TRUE(file.changes.empty());
}

TEST(HeaderSource, KeepsLastGoodValueAndReportsUnusableFileOnce) {
  FileHeader file;
  const std::string path = file.folder.Write("token", "canary");
  EXPECT_EQ(file.Value(), "canary");
  std::filesystem::remove(path);
  EXPECT_EQ(file.Value(), "canary");
  file.folder.Write("token", "");
  EXPECT_EQ(file.Value(), "canary");
  file.folder.Write("token", "canary\nX-Evil: canary");
  EXPECT_EQ(file.Value(), "canary");
  file.folder.Write("token", std::string(100000, 'c'));
  EXPECT_EQ(file.Value(), "canary");
  ASSERT_EQ(file.changes.size(), 1U);
  EXPECT_EQ(KindOf(file.changes[0]), ErrorKind::kAuth);
  EXPECT_EQ(file.changes[0].message(), "cannot read " + path + ": No such file or directory");
  file.folder.Write("token", "fresh");
  EXPECT_EQ(file.Value(), "fresh");
  ASSERT_EQ(file.changes.size(), 2U);
  EXPECT_TRUE(file.changes[1].ok());
}

TEST(HeaderSource, FailsWithoutAnyValidValue) {
  FileHeader file;
  EXPECT_EQ(KindOf(file.source.Next().status()), ErrorKind::kAuth);
  file.folder.Write("token", "canary\x01");
  const absl::Status status = file.source.Next().status();
  EXPECT_EQ(KindOf(status), ErrorKind::kAuth);
  EXPECT_EQ(status.ToString().find("canary"), std::string::npos);
}

TEST(HeaderSource, RejectsDirectories) {
  FileHeader file;
  std::filesystem::create_directory(file.folder.Path("token"));
  EXPECT_EQ(KindOf(file.source.Next().status()), ErrorKind::kAuth);
}

}  // namespace
}  // namespace chatscale
