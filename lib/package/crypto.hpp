#pragma once

#include <openssl/pem.h>
// cms.h declares its PEM functions only after it.
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>

/// libcrypto, loaded when it is first needed. Its functions are called through crypto().NAME.
namespace ovfkit::detail {

// clang-format off
#define OVFKIT_CRYPTO_FUNCTIONS(X) \
    X(EVP_MD_CTX_new) X(EVP_MD_CTX_free) X(EVP_DigestInit_ex) X(EVP_DigestUpdate) X(EVP_DigestFinal_ex) \
    X(EVP_sha1) X(EVP_sha256) X(EVP_sha384) X(EVP_sha512) \
    X(EVP_DigestVerifyInit) X(EVP_DigestVerify) X(EVP_DigestSignInit) X(EVP_DigestSign) \
    X(EVP_PKEY_free) X(EVP_PKEY_get_bits) X(EVP_PKEY_get_size) X(EVP_PKEY_get_base_id) \
    X(BIO_new_mem_buf) X(BIO_free) X(BIO_s_mem) X(BIO_new) X(BIO_ctrl) \
    X(PEM_read_bio_X509) X(PEM_read_bio_PrivateKey) X(PEM_read_bio_CMS) X(PEM_write_bio_X509) \
    X(X509_free) X(X509_get0_pubkey) X(X509_get_subject_name) X(X509_get_issuer_name) X(X509_NAME_print_ex) X(X509_cmp) \
    X(X509_get0_notBefore) X(X509_get0_notAfter) X(X509_cmp_current_time) X(ASN1_TIME_to_tm) X(X509_check_private_key) \
    X(X509_STORE_new) X(X509_STORE_free) X(X509_STORE_add_cert) X(X509_STORE_set_default_paths) X(X509_STORE_set_flags) \
    X(X509_STORE_CTX_new) X(X509_STORE_CTX_free) X(X509_STORE_CTX_init) X(X509_STORE_CTX_set_purpose) \
    X(X509_verify_cert) X(X509_STORE_CTX_get_error) X(X509_verify_cert_error_string) \
    X(OPENSSL_sk_new_null) X(OPENSSL_sk_push) X(OPENSSL_sk_free) X(OPENSSL_sk_num) X(OPENSSL_sk_value) \
    X(CMS_verify) X(CMS_ContentInfo_free) X(CMS_get0_signers) X(CMS_get1_certs) \
    X(ERR_clear_error)
// clang-format on

struct Crypto {
#define OVFKIT_MEMBER(name) decltype(&::name) name;
    OVFKIT_CRYPTO_FUNCTIONS(OVFKIT_MEMBER)
#undef OVFKIT_MEMBER
};

/// Throws Error when there is no libcrypto of the version it was built for.
const Crypto& crypto();

/// Frees what a function of libcrypto gave.
struct CryptoFree {
    void operator()(EVP_MD_CTX* x) const { crypto().EVP_MD_CTX_free(x); }
    void operator()(EVP_PKEY* x) const { crypto().EVP_PKEY_free(x); }
    void operator()(BIO* x) const { crypto().BIO_free(x); }
    void operator()(X509* x) const { crypto().X509_free(x); }
    void operator()(X509_STORE* x) const { crypto().X509_STORE_free(x); }
    void operator()(X509_STORE_CTX* x) const { crypto().X509_STORE_CTX_free(x); }
    void operator()(CMS_ContentInfo* x) const { crypto().CMS_ContentInfo_free(x); }
};
template <class T>
using CryptoPtr = std::unique_ptr<T, CryptoFree>;

}  // namespace ovfkit::detail
