// Why: the matching rules, as transcripts: a line in, what becomes of it out.
#include "libzel/message/matcher.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <sstream>
#include <string>

namespace zel::message {
namespace {

/// Lines:  receive <id> <context> <from|*> <tag|*>      message <id> <context> <from> <tag>
///         find <context> <from|*> <tag|*>              withdraw <id>      drop <id>
class Transcript {
 public:
  std::string run(const std::string& script) {
    std::istringstream lines(script);
    std::string line, out;
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      std::string verb;
      if (words >> verb) out += verb + " " + answer(verb, words) + "\n";
    }
    return out;
  }

 private:
  static int number(std::istringstream& words) {
    std::string word;
    words >> word;
    return word == "*" ? -1 : std::stoi(word);
  }
  static Context context(std::istringstream& words) {
    std::string word;
    words >> word;
    return word == "user" ? Context::user : word == "task" ? Context::task : Context::collective;
  }
  static std::string show(std::optional<std::uint32_t> id) { return id ? std::to_string(*id) : "-"; }

  std::string answer(const std::string& verb, std::istringstream& words) {
    if (verb == "find") {
      const Context in = context(words);
      const int from = number(words);
      return show(matcher_.find({in, from, number(words)}));
    }
    const auto id = static_cast<std::uint32_t>(number(words));
    if (verb == "withdraw") return matcher_.withdraw(id), std::to_string(id);
    if (verb == "drop") return matcher_.drop(id), std::to_string(id);
    const Context in = context(words);
    const int from = number(words);
    const int tag = number(words);
    if (verb == "receive") return std::to_string(id) + " takes " + show(matcher_.receive(id, {in, from, tag}));
    const auto taker = matcher_.arrive({in, from, tag, 8});
    if (!taker) matcher_.queue(id, {in, from, tag, 8});
    return std::to_string(id) + " goes to " + show(taker);
  }

  Matcher matcher_{4};
};

TEST(Matcher, AMessageThatWaitsGoesToTheFirstReceiveThatMatches) {
  EXPECT_EQ(Transcript().run("message 0 user 1 7\n"
                             "receive 0 user 1 8\n"
                             "receive 1 user 2 7\n"
                             "receive 2 user 1 7\n"
                             "find user 1 7\n"),
            "message 0 goes to -\nreceive 0 takes -\nreceive 1 takes -\nreceive 2 takes 0\nfind -\n");
}

TEST(Matcher, AReceiveThatWaitsTakesTheFirstMessageThatMatches) {
  EXPECT_EQ(Transcript().run("receive 0 user * 7\n"
                             "receive 1 user * *\n"
                             "message 0 user 3 9\n"
                             "message 1 user 3 7\n"
                             "message 2 user 3 7\n"),
            "receive 0 takes -\nreceive 1 takes -\nmessage 0 goes to 1\nmessage 1 goes to 0\nmessage 2 goes to -\n");
}

TEST(Matcher, TheOldestComesFirstByAnyPattern) {
  EXPECT_EQ(Transcript().run("message 0 user 1 5\nmessage 1 user 2 6\nmessage 2 user 1 6\nmessage 3 user 1 5\n"
                             "find user * *\nfind user * 6\nfind user 1 6\nfind user 2 *\nfind user 3 *\n"
                             "receive 0 user 1 *\nreceive 1 user 1 5\nreceive 2 user * *\nreceive 3 user * *\n"),
            "message 0 goes to -\nmessage 1 goes to -\nmessage 2 goes to -\nmessage 3 goes to -\n"
            "find 0\nfind 1\nfind 2\nfind 1\nfind -\n"
            "receive 0 takes 0\nreceive 1 takes 3\nreceive 2 takes 1\nreceive 3 takes 2\n");
}

TEST(Matcher, WildcardsDoNotReachOtherContexts) {
  EXPECT_EQ(Transcript().run("message 0 task 1 5\nfind user * *\nfind collective 1 5\nreceive 0 user * *\n"
                             "message 1 collective 1 5\nmessage 2 user 0 0\nfind task * *\n"),
            "message 0 goes to -\nfind -\nfind -\nreceive 0 takes -\n"
            "message 1 goes to -\nmessage 2 goes to 0\nfind 0\n");
}

TEST(Matcher, WithdrawnAndDroppedAreForgotten) {
  EXPECT_EQ(Transcript().run("receive 0 user * *\nwithdraw 0\nwithdraw 9\nmessage 0 user 1 1\nmessage 1 user 1 1\n"
                             "message 2 user 1 1\ndrop 1\nreceive 1 user 1 1\nreceive 2 user 1 1\nreceive 3 user 1 1\n"),
            "receive 0 takes -\nwithdraw 0\nwithdraw 9\nmessage 0 goes to -\nmessage 1 goes to -\n"
            "message 2 goes to -\ndrop 1\nreceive 1 takes 0\nreceive 2 takes 2\nreceive 3 takes -\n");
}

/// The rules again, written down as simply as possible.
struct NaiveMatcher {
  std::deque<std::pair<MessageId, Header>> waiting;
  std::deque<std::pair<ReceiveId, Pattern>> posted;

  std::optional<MessageId> receive(ReceiveId id, const Pattern& pattern) {
    for (auto at = waiting.begin(); at != waiting.end(); ++at) {
      if (!matches(pattern, at->second)) continue;
      const MessageId found = at->first;
      waiting.erase(at);
      return found;
    }
    posted.emplace_back(id, pattern);
    return std::nullopt;
  }
  std::optional<ReceiveId> arrive(MessageId id, const Header& header) {
    for (auto at = posted.begin(); at != posted.end(); ++at) {
      if (!matches(at->second, header)) continue;
      const ReceiveId found = at->first;
      posted.erase(at);
      return found;
    }
    waiting.emplace_back(id, header);
    return std::nullopt;
  }
};

TEST(Matcher, AgreesWithANaiveOne) {
  Matcher matcher(4);
  NaiveMatcher naive;
  std::uint32_t state = 12345;
  const auto draw = [&](int below) {
    state = state * 1664525u + 1013904223u;
    return static_cast<int>((state >> 16) % static_cast<std::uint32_t>(below));
  };
  for (std::uint32_t id = 0; id < 20'000; ++id) {
    const auto context = static_cast<Context>(draw(3));
    if (draw(2) == 0) {
      const Pattern pattern{context, draw(5) - 1, draw(4) - 1};
      ASSERT_EQ(matcher.receive(id, pattern), naive.receive(id, pattern)) << "at " << id;
    } else {
      const Header header{context, draw(4), draw(3), 1};
      const auto taker = matcher.arrive(header);
      if (!taker) matcher.queue(id, header);
      ASSERT_EQ(taker, naive.arrive(id, header)) << "at " << id;
    }
  }
}

}  // namespace
}  // namespace zel::message
