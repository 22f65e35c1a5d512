// What readers get from the collection loop; all parts describe the same instant. Immutable, but
// for what is made of it when somebody asks.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "exporter/metrics/exposition.h"
#include "exporter/model/view.h"

namespace chatscale {

// Texts that somebody asks for, made from one publication: each made once and shared by all who get
// it. Thread-safe.

struct RenderedText {
  int status = 200;  // HTTP
  std::shared_ptr<const std::string> text;
};

class Rendered {
 public:
  // `make` runs at the first call for `key`; others who ask for the same wait for it. Beyond
  // `kMostBytes` in all, texts are made for each who asks.
  RenderedText Get(const std::string& key, const std::function<RenderedText()>& make);

 private:
  static constexpr std::size_t kMostBytes = 32UL << 20;

  struct Entry {
    std::once_flag made;
    RenderedText text;
  };
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::size_t bytes_ = 0;
};

struct Publication {
  std::shared_ptr<const View> view;
  FamilyOptions options;
  std::shared_ptr<const Exposition> exposition;
  std::shared_ptr<Rendered> documents = std::make_shared<Rendered>();
};

}  // namespace chatscale
