// A folder of one test's own, removed with everything in it.
#pragma once

#include <string>
#include <string_view>

namespace chatscale {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string Path(std::string_view name) const { return path_ + "/" + std::string(name); }

  // Writes the file as a careful operator does: a new file, renamed into place. Returns its path.
  std::string Write(std::string_view name, std::string_view text) const;

 private:
  std::string path_;
};

// The bytes of a file; "" when there is none.
std::string ReadFile(const std::string& path);

}  // namespace chatscale
