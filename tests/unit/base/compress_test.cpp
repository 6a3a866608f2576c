#include <string>

#include "base/compress.hpp"
#include "base/sha256.hpp"
#include "base/xml_writer.hpp"
#include "catch.hpp"

using namespace ovfkit::detail;

TEST_CASE("Base64 as RFC 4648 has it") {
    const std::pair<const char*, const char*> rows[] = {{"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : rows) {
        CHECK(base64_encode(plain) == encoded);
        CHECK(base64_decode(encoded) == plain);
    }
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    for (std::size_t size = 0; size <= all.size(); ++size) CHECK(base64_decode(base64_encode(all.substr(0, size))) == all.substr(0, size));
    CHECK(base64_decode(" Zm9v\r\n\tYmFy\n") == "foobar");
    for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zm9v=", "Zm=v", "====", "Zm9-", "Zm9_", "Zm9v!", "Zh==", "Zm9="}) {
        INFO(bad);
        CHECK_FALSE(base64_decode(bad));
    }
}

TEST_CASE("What is packed is unpacked the same, never beyond the limit") {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += "<Item>" + std::to_string(i % 7) + "</Item>\n";
    for (const std::string& plain : {std::string(), std::string("x"), text, std::string(1000000, '\0')}) {
        const std::string packed = zlib_compress(plain);
        CHECK(zlib_decompress(packed, plain.size() + 1) == plain);
        CHECK(zlib_decompress(packed, plain.size()) == plain);
        if (!plain.empty()) CHECK_FALSE(zlib_decompress(packed, plain.size() - 1));
        if (!plain.empty()) CHECK_FALSE(zlib_decompress(packed, 0));
    }
    const std::string packed = zlib_compress(text);
    CHECK(packed.size() < text.size() / 20);
    CHECK(zlib_compress(text) == packed);
    CHECK_FALSE(zlib_decompress("", 100));
    CHECK_FALSE(zlib_decompress("not zlib at all", 100));
    CHECK_FALSE(zlib_decompress(packed + "x", text.size()));
    for (std::size_t at = 0; at < packed.size(); at += 13) {
        CHECK_FALSE(zlib_decompress(packed.substr(0, at), text.size()));
        std::string damaged = packed;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        CHECK(zlib_decompress(damaged, text.size()) != text);
    }
}

TEST_CASE("SHA-256 as FIPS 180-4 has it") {
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("The writer escapes whatever it is given") {
    CHECK(xml_escaped("a<b>&\"'\n\t\r") == "a&lt;b&gt;&amp;\"'\n\t&#13;");
    CHECK(xml_escaped("a<b>&\"\n\t\r", true) == "a&lt;b&gt;&amp;&quot;&#10;&#9;&#13;");
    CHECK(xml_escaped("\x1b\x7F\xFF\xC3\xA9\xEF\xBF\xBF") == "\xEF\xBF\xBD\x7F\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD");
    CHECK(xml_escaped(std::string("\0", 1)) == "\xEF\xBF\xBD");
    XmlWriter out;
    out.comment("a -- b-");
    out.open("domain", {{"type", "k\"vm"}});
    out.leaf("name", "a<b");
    out.empty("x");
    out.open("devices");
    out.leaf("y", "1", {{"z", "<"}});
    out.close();
    out.close();
    CHECK(out.text() ==
          "<!-- a - - b- -->\n"
          "<domain type='k&quot;vm'>\n"
          "  <name>a&lt;b</name>\n"
          "  <x/>\n"
          "  <devices>\n"
          "    <y z='&lt;'>1</y>\n"
          "  </devices>\n"
          "</domain>\n");
}
